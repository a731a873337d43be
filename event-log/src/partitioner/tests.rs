use super::{murmur2, partition_of};
use crate::Partition;

/// From `UtilsTest.testMurmur2` of Kafka's Java client.
#[test]
fn the_hash_is_that_of_the_java_client() {
    let known: [(&[u8], i32); 6] = [
        (b"21", -973_932_308),
        (b"foobar", -790_332_482),
        (b"a-little-bit-long-string", -985_981_536),
        (b"a-little-bit-longer-string", -1_486_304_829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        (b"abc", 479_470_107),
    ];
    for (key, hash) in known {
        assert_eq!(murmur2(key).cast_signed(), hash, "{}", String::from_utf8_lossy(key));
    }
}

#[test]
fn a_negative_hash_gives_a_partition_all_the_same() {
    // -973932308 & 0x7fffffff = 1173551340
    assert_eq!(partition_of(b"21", 12), Partition(0));
    assert_eq!(partition_of(b"21", 7), Partition(3));
    // 479470107
    assert_eq!(partition_of(b"abc", 12), Partition(3));
}

#[test]
fn every_partition_is_reached() {
    let mut seen = [false; 12];
    for customer in 0..200 {
        seen[usize::from(partition_of(format!("customer_{customer}").as_bytes(), 12).0)] = true;
    }
    assert_eq!(seen, [true; 12]);
}
