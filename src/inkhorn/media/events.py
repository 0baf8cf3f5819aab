"""What has happened to uploads."""

from blinker import signal

asset_stored = signal("asset_stored")
renditions_made = signal("renditions_made")
