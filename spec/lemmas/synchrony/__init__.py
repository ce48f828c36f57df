"""What virtual synchrony rests on, for all sizes."""
