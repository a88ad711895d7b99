"""The stream that scores transactions as they happen: messages, judgement, scores."""
