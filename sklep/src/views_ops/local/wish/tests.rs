use super::*;

fn asked(kind: ViewsJobKind) -> ViewsJobInput {
    ViewsJobInput { kind, memory: None, throttle: None, verify: true, all: false }
}

#[track_caller]
fn is_wrong<T: std::fmt::Debug>(refused: Result<T, JobRefused>, at: &str) {
    match refused {
        Err(JobRefused::Wrong { field, expected }) => assert_eq!(field, at, "{expected}"),
        other => panic!("expected a wrong `{at}`, got {other:?}"),
    }
}

#[test]
fn no_event_a_second_is_no_throttle_wherever_it_is_given() {
    let input = ViewsJobInput { throttle: Some(0), ..asked(ViewsJobKind::Rebuild) };
    is_wrong(work(&input), "throttle");
    is_wrong(instruction(ViewsInstruction::ResumeRebuild, Some(0)), "throttle");
    let input = ViewsJobInput { throttle: Some(1), ..asked(ViewsJobKind::Rebuild) };
    let Ok(ViewsTask::Rebuild { throttle, .. }) = work(&input) else { panic!("a rebuild") };
    assert_eq!(throttle, NonZeroU32::new(1));
    let resumed = instruction(ViewsInstruction::ResumeRebuild, Some(1)).unwrap();
    assert_eq!(resumed, Instruction::ResumeRebuild { throttle });
}

#[test]
fn what_means_nothing_is_refused_and_not_left_out() {
    use ViewsJobKind::{Cancel, DropOld, DropOrphans, Rebuild, Rollback, Verify};
    for kind in [Cancel, Rollback, DropOld, DropOrphans] {
        assert!(work(&asked(kind)).is_ok(), "{kind:?}");
        is_wrong(work(&ViewsJobInput { memory: Some("1MiB".into()), ..asked(kind) }), "memory");
    }
    for kind in [Cancel, Rollback, Verify, DropOld, DropOrphans] {
        is_wrong(work(&ViewsJobInput { throttle: Some(5), ..asked(kind) }), "throttle");
        is_wrong(work(&ViewsJobInput { verify: false, ..asked(kind) }), "verify");
    }
    for kind in [Cancel, Rollback, Rebuild, DropOld, DropOrphans] {
        is_wrong(work(&ViewsJobInput { all: true, ..asked(kind) }), "all");
    }
    for asked in [
        ViewsInstruction::PauseRebuild,
        ViewsInstruction::PauseProjector,
        ViewsInstruction::ResumeProjector,
    ] {
        is_wrong(instruction(asked, Some(5)), "throttle");
        assert!(instruction(asked, None).is_ok(), "{asked:?}");
    }
}

#[test]
fn a_memory_is_a_size() {
    for memory in ["", "much", "-1MiB", "0"] {
        let input = ViewsJobInput { memory: Some(memory.into()), ..asked(ViewsJobKind::Verify) };
        is_wrong(work(&input), "memory");
    }
    let input = ViewsJobInput { memory: Some("64MiB".into()), ..asked(ViewsJobKind::Verify) };
    assert_eq!(work(&input).unwrap(), ViewsTask::Verify { memory: 64 << 20, all: false });
}
