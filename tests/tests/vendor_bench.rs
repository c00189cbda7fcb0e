//! A benchmark measures every workload that a program can take, keeps to its bound, and says what it left out.

use std::path::Path;
use std::time::Duration;

use tombstone_adapter::bench::{BenchLimits, Workload, measure};
use tombstone_adapter::{ChildImplementation, Launch};

fn start(script: &str, argument: Option<&str>) -> ChildImplementation {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters").join(script);
    let arguments = std::iter::once(script.into_os_string()).chain(argument.map(Into::into));
    ChildImplementation::start(Launch::new("python3", arguments)).expect("it starts")
}

#[test]
fn implementations_are_measured_in_turn() {
    let mut contenders = vec![start("sqlite/adapter.py", None), start("faulty/liar.py", Some("none"))];
    let bounds = BenchLimits { most: 10, time: Duration::from_secs(20), repetitions: 3 };
    let measured = measure(&mut contenders, &Workload::ALL, bounds);
    let points = |contender, workload| {
        let points = measured.points.iter().filter(move |it| it.contender == contender && it.workload == workload);
        points.map(|point| point.size).collect::<Vec<_>>()
    };
    for workload in Workload::ALL {
        let sizes = if workload == Workload::ManyComputers { vec![1, 2, 5, 10] } else { vec![10] };
        assert_eq!(points(0, workload), sizes, "{workload:?}: {:?}", measured.skipped);
    }
    assert_eq!(points(1, Workload::OneEdit), [10], "{:?}", measured.skipped);
    assert_eq!(points(1, Workload::ManyComputers), [0_u64; 0], "it knows one computer only");
    assert!(measured.skipped.iter().any(|why| why.contains("one computer only")), "{:?}", measured.skipped);
    for point in &measured.points {
        assert_eq!(point.repetitions(), 3);
        assert_eq!(point.convergence.len(), 3);
        assert!(point.messages >= 4 && point.bytes > point.messages && point.latencies["synchronize"].len() >= 3);
        assert!(point.mean().0 > 0.0 && point.throughput() > 0.0);
    }
    for child in contenders {
        assert_eq!(child.finish(), Ok(()));
    }
}

#[test]
fn what_would_take_too_long_is_left_out_and_said() {
    let bounds = BenchLimits { most: 1_000_000, time: Duration::from_secs(2), repetitions: 3 };
    let measured = measure(&mut [start("sqlite/adapter.py", None)], &[Workload::OneEdit], bounds);
    assert!(measured.skipped.iter().any(|why| why.contains("it would take too long")), "{:?}", measured.skipped);
    assert!(measured.points.iter().all(|point| point.size < 1_000_000));
}
