"""Why the quorums of diffusion, of lookups and of PBFT are as large as they are."""
