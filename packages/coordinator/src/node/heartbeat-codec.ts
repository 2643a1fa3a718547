import { wire } from "@headcut/plan";
import type { Member, MemberStatus } from "../membership/member.ts";
import type { Heartbeat } from "../membership/membership-state.ts";

const { flag, float, keyOf, list, natural, object, text } = wire;

const member = object<Member>({
  nodeId: text,
  address: text,
  weight: float,
  startedAt: natural,
  incarnation: natural,
  counter: natural,
  status: keyOf<MemberStatus>({ alive: true, draining: true, left: true }),
  load: natural,
});

const heartbeat = object<Heartbeat>({ clusterName: text, from: member, members: list(member), answer: flag });

export const encodeHeartbeat = (value: Heartbeat): Uint8Array => wire.encodeMessage("heartbeat", heartbeat, value);

/** QueryError "io" for what is none. */
export const decodeHeartbeat = (bytes: Uint8Array): Heartbeat => {
  const decoded = wire.decodeMessage("heartbeat", heartbeat, bytes);
  for (const { nodeId, weight } of [decoded.from, ...decoded.members]) {
    if (!(weight > 0 && Number.isFinite(weight))) {
      throw wire.malformed(undefined, `a weight above 0 for node ${nodeId}`);
    }
  }
  return decoded;
};
