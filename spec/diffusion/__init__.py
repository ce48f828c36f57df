"""What quorum diffusion promises."""
