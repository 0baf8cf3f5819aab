"""The event table: for each action of the audit log an act that leaves exactly one entry of it. A room's acts stand in a module of its name."""
