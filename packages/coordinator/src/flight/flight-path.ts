/** Before the names of Flight's methods. */
export const FLIGHT = "/arrow.flight.protocol.FlightService/";
