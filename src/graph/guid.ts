// What counts as a GUID: only such a value may become part of a path or a filter. Asks for no RFC version, for Graph's have none.
export const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
