"""JSON for programs: room.py sets it up, asking.py reads what is asked for, v1/ and v2/ hold the resources; it announces nothing of its own."""
