"""The owner's room: people, settings, the audit log, background work, letters, raw records. It owns no tables; start in views/."""
