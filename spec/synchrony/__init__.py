"""What virtual synchrony promises."""
