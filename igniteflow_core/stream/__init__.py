"""The stream that scores transactions as they happen: messages, validation, scores."""
