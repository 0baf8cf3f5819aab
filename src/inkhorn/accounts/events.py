"""What has happened to accounts."""

from blinker import signal

account_created = signal("account_created")
account_closed = signal("account_closed")
