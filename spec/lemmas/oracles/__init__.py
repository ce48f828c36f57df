"""Why the quorums of protocols known from elsewhere are as large as they are."""
