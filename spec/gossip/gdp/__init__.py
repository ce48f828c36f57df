"""What the replicated log of the Global Data Plane promises."""
