use super::Looks;

#[test]
fn two_looks_in_a_row_that_fail_put_the_log_out_of_reach_until_one_succeeds() {
    let mut looks = Looks::default();
    let failed = || Some("it does not answer".to_owned());
    assert_eq!(looks.judge(failed()), None);
    assert_eq!(looks.judge(None), None);
    assert_eq!(looks.judge(failed()), None);
    assert_eq!(looks.judge(failed()), failed());
    assert_eq!(looks.judge(failed()), failed());
    assert_eq!(looks.judge(None), None);
    assert_eq!(looks.judge(failed()), None);
}
