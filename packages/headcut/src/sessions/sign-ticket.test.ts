import { expect, it } from "vitest";
import { openTicket, signTicket } from "./sign-ticket.ts";

const ticket = Buffer.from("a ticket");

it("opens what was signed with the same token", () => {
  expect(Buffer.from(openTicket(signTicket(ticket, "secret"), "secret"))).toEqual(ticket);
  expect(openTicket(signTicket(ticket, undefined), undefined)).toEqual(ticket);
  expect(Buffer.from(openTicket(signTicket(new Uint8Array(), "secret"), "secret"))).toHaveLength(0);
});

it.each([
  ["one of another token", signTicket(ticket, "other")],
  ["one without a tag", ticket],
  ["nothing", new Uint8Array()],
  ["half a tag", signTicket(ticket, "secret").subarray(0, 16)],
  ["one that was changed", Buffer.concat([signTicket(ticket, "secret"), Buffer.from("!")])],
])("refuses %s", (_, bytes) => {
  expect(() => openTicket(bytes, "secret")).toThrow("not made by a node of this cluster");
});
