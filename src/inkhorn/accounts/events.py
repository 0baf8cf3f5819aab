"""What has happened to accounts."""

from blinker import signal

account_created = signal("account_created")
role_changed = signal("role_changed")
site_set_up = signal("site_set_up")
signed_in = signal("signed_in")
signed_out = signal("signed_out")
