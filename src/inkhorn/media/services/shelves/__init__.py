"""Where files wait that come in parts: shelf.py says what every place promises, disk.py is a folder of one machine, bucket.py a bucket that all share."""
