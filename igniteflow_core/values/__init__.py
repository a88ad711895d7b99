"""What an id, a number, a label and a time may be: one rule for batch, stream and API."""
