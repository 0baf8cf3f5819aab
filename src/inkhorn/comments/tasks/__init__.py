"""Jobs about comments: letters to whom they concern, and forgetting what nobody wants to keep."""
