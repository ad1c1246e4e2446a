"""What a site controller needs to follow a GridServices EnvelopeHub. See README.md."""
