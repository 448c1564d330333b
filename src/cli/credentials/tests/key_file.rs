use super::*;

fn with_key_file(bytes: &[u8], mode: u32, env: &[(&str, &str)]) -> Result<Scheme, Failure> {
    let place = Place::new(None, env);
    let path = place.write("key", bytes, mode);
    let account = place.resolve(&AccountArgs { api_key_file: Some(&path), ..NONE }).unwrap();
    account.credentials().map(|credentials| credentials.scheme())
}

#[test]
fn a_key_file_may_end_with_one_newline_and_contain_none_inside() {
    for bytes in [&b"key"[..], b"key\n", b"key\r\n", b"App key\n", b"\xEF\xBB\xBFkey\n"] {
        assert_eq!(with_key_file(bytes, 0o600, &[]), Ok(Scheme::App), "{bytes:?}");
    }
    for bytes in [&b"key\n\n"[..], b"ke\ny", b"", b"\n", b"\xff", b"ke\x1by", b"\"key\"", b"k y"] {
        let failure = with_key_file(bytes, 0o600, &[]).unwrap_err();
        assert_eq!(failure.kind, Kind::Usage, "{bytes:?}");
    }
}

#[test]
fn a_key_file_that_others_can_read_is_refused_unless_that_is_allowed() {
    let failure = with_key_file(b"key", 0o644, &[]).unwrap_err();
    assert!(failure.hints[0].starts_with("chmod 600 /"), "{failure:?}");
    let allowed = [("OMNILOGS_ALLOW_READABLE_CONFIG", "1")];
    assert_eq!(with_key_file(b"key", 0o644, &allowed), Ok(Scheme::App));
}

#[test]
fn a_missing_key_file_is_refused() {
    let args = AccountArgs { api_key_file: Some(Path::new("/nowhere/key")), ..NONE };
    let failure = Place::new(None, &[]).resolve(&args).unwrap().credentials().unwrap_err();
    assert_eq!(failure.message, "--api-key-file: the file does not exist");
}

#[test]
fn a_key_is_not_typed_on_a_terminal() {
    let mut place = Place::new(None, &[]);
    place.here.stdin_terminal = true;
    let failure = place.failure(&AccountArgs { api_key_file: Some(Path::new("-")), ..NONE });
    assert_eq!(failure.kind, Kind::Usage);
}
