"""What programs see, one file for each kind of thing; shared by all versions."""
