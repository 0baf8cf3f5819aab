"""Tests of what readers see."""  # noqa: A005
