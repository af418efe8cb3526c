//! The limits of [`Blobs`](crate::ports::Blobs).

/// The largest object, in bytes.
pub const LARGEST_OBJECT: usize = 16 << 20;

/// The port allows 512 characters for a key.
const KEY: usize = 512;

/// Checks a key.
///
/// # Errors
/// Why it is refused.
pub fn check_key(key: &str) -> Result<(), String> {
    let allowed = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'/' | b'_' | b'.' | b'-');
    if key.is_empty() || key.len() > KEY || !key.bytes().all(allowed) || key.contains("..") || key.starts_with('/') {
        return Err(format!(
            "a key is 1 to {KEY} characters of `a-z 0-9 / _ . -`, without `..` or a leading `/`; this one has {}",
            key.len()
        ));
    }
    Ok(())
}

/// Checks the size of an object.
///
/// # Errors
/// Why it is refused.
pub fn check_object(bytes: usize) -> Result<(), String> {
    if bytes > LARGEST_OBJECT {
        return Err(format!("an object of {bytes} bytes, at most {LARGEST_OBJECT} are allowed"));
    }
    Ok(())
}
