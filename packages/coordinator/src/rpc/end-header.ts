/**
 * Says that the caller's last message is empty, and no other is. Node's HTTP/2 ends a stream before it resets it, so that one that
 * was cancelled looks complete for a moment; strangers do better, and send no such header.
 */
export const END_HEADER = "headcut-end";
