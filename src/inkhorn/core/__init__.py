"""The ground floor: what every room stands on, and nothing that knows an author, a post or a reader."""
