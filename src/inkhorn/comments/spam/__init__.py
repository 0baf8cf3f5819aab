"""Whether a comment is spam: features of its words, odds that the moderators' decisions teach, plain signs, and a verdict in words. Pure."""
