//! The language model port over OpenAI-compatible chat completions.
