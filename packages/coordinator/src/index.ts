export type { ClusterReport, FragmentReport, TaskReport } from "./coordinate/cluster-report.ts";
export type { ClusterRun } from "./coordinate/cluster-run.ts";
export { CutOff } from "./coordinate/cut-off.ts";
export { bindFragment, type ScanSource, splitSource } from "./cut/bind-fragment.ts";
export { type CutOptions, cut } from "./cut/cut.ts";
export type { Fragment, FragmentedPlan, Output, RemoteInput, Runs } from "./cut/fragment.ts";
export { decodeFragment, encodeFragment } from "./cut/fragment-codec.ts";
export { type Placement, printFragments } from "./cut/print-fragments.ts";
export { verifyChecksum, withChecksum } from "./flight/checksum.ts";
export { type FlightData, flightDataBytes } from "./flight/flight-data.ts";
export type {
  Action,
  ActionType,
  FlightDescriptor,
  FlightEndpoint,
  FlightInfo,
  PollInfo,
} from "./flight/flight-messages.ts";
export type { FlightService } from "./flight/flight-service.ts";
export { decodeBytes, decodeFlightInfo } from "./flight/message-codecs.ts";
export { decodeBatch } from "./ipc/decode-batch.ts";
export { decodeSchema, type MessageKind, messageKind } from "./ipc/decode-schema.ts";
export { END_OF_STREAM, encapsulate, encapsulatedHeader } from "./ipc/encapsulate.ts";
export { type EncodeOptions, encodeBatch } from "./ipc/encode-batch.ts";
export { encodeSchema, TYPE_NAME_KEY } from "./ipc/encode-schema.ts";
export type { IpcColumn } from "./ipc/ipc-column.ts";
export { MAX_MESSAGE_BODY_BYTES, sliceBatch } from "./ipc/slice-batch.ts";
export type { Member, MemberStatus } from "./membership/member.ts";
export {
  DEFAULT_MEMBERSHIP,
  type Heartbeat,
  type MembershipEffect,
  type MembershipEvent,
  type MembershipOptions,
  type MembershipState,
  ownerNodes,
} from "./membership/membership-state.ts";
export { initialMembership, stepMembership } from "./membership/step-membership.ts";
export type { ClusterNodeHandle } from "./node/cluster-node-handle.ts";
export type { NodeOptions, NodeServices } from "./node/node-options.ts";
export type { MemberStatusOf, NodeState, NodeStatus } from "./node/node-status.ts";
export { openNode } from "./node/open-node.ts";
export { parseSeedSource, type SeedSource } from "./node/seed-source.ts";
export { type Assignment, assignSplits } from "./placement/assign.ts";
export type { ClusterNode, NodeId } from "./placement/cluster-node.ts";
export { DEFAULT_OWNER_COUNT, ownersOf } from "./placement/owners.ts";
export { describeSplit, type Reach, type RowGroupLayout, type Split, splitFile, splitKey } from "./placement/split.ts";
export type { CallContext } from "./rpc/call-context.ts";
export type { MessageStream } from "./rpc/message-stream.ts";
export { openPeers } from "./rpc/open-peers.ts";
export { openServer } from "./rpc/open-server.ts";
export type { CallOptions, Peer, Peers } from "./rpc/peer.ts";
export type { Security, TlsSecurity } from "./rpc/security.ts";
export type { CallHandler, RpcServer, ServerOptions, StreamHandler } from "./rpc/server-options.ts";
export {
  type AdmissionEffect,
  type AdmissionEvent,
  type AdmissionState,
  idleAdmission,
  stepAdmission,
} from "./schedule/admission.ts";
export type { AttemptFailure, QueryEffect, QueryEvent } from "./schedule/query-events.ts";
export { DEFAULT_SCHEDULE, type FragmentWork, type QuerySpec, type ScheduleOptions } from "./schedule/query-spec.ts";
export type {
  Attempt,
  AttemptId,
  InputRef,
  Outcome,
  QueryFailure,
  QueryState,
  SchedulerNode,
  Task,
  TaskWork,
} from "./schedule/query-state.ts";
export { queryWork } from "./schedule/query-work.ts";
export { initialState, type Step, step } from "./schedule/step.ts";
export { nextWake } from "./schedule/watch.ts";
export type { CatalogLinks, CatalogNode, ClusterCatalog, ShardPlace } from "./shards/cluster-catalog.ts";
export { askNodes, type ClusterView, viewCluster } from "./shards/cluster-view.ts";
export { describeFiles, type ShardSource } from "./shards/describe-files.ts";
export { dropShards } from "./shards/drop-shards.ts";
export { type LoadOptions, type LoadReport, loadShards } from "./shards/load-shards.ts";
export { type MoveOptions, moveShards } from "./shards/move-shards.ts";
export { openClusterCatalog } from "./shards/open-cluster-catalog.ts";
export { openShardStore } from "./shards/open-shard-store.ts";
export { SHARD_SCHEME, type ShardEntry, shardPath } from "./shards/shard-entry.ts";
export type { NodeAddress } from "./shards/shard-messages.ts";
export type { ShardCopy, ShardDrop, ShardMoves } from "./shards/shard-moves.ts";
export { type ShardServicesOptions, shardServices } from "./shards/shard-services.ts";
export type { BadShard, ShardListing, ShardStore } from "./shards/shard-store.ts";
export type { ManifestShard, TableManifest } from "./shards/table-manifest.ts";
