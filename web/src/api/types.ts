/** The wire shapes, made from the server's OpenAPI document, by the names that the pages use. */

import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type BalanceAndVolume = Schemas["BalanceAndVolume"];
export type BalanceDebug = Schemas["BalanceDebug"];
export type Bot = Schemas["BotOut"] & {
  balance_and_volume?: BalanceAndVolume | null;
};
export type BotChange = Partial<Schemas["BotChange"]>;
export type BotDraft = Pick<Schemas["BotBody"], "name" | "account" | "connector" | "pair" | "bot_type"> & {
  config?: Schemas["BotBody"]["config"];
  note?: string;
};
export type BotPage = Schemas["BotList"];
export type BotState = Schemas["StateOut"];
export type BotType = Schemas["BotTypeOut"];
export type Chart = Schemas["Chart"];
export type Client = Schemas["ClientOut"];
export type ClientPage = Schemas["ClientList"];
export type Connector = Schemas["ConnectorOut"];
export type ConnectorCheck = Schemas["ConnectorCheck"];
export type ConnectorDraft = Partial<Schemas["ConnectorBody"]>;
export type CurrentDecision = Schemas["CurrentOut"];
export type Decision = Schemas["DecisionOut"];
export type DecisionPage = Schemas["Decisions"];
export type EgressAddress = Schemas["EgressOut"];
export type Evidence = Schemas["EvidenceOut"];
export type Exchange = Schemas["ExchangeOut"];
export type Finding = Schemas["FindingOut"];
export type FindingPage = Schemas["FindingList"];
export type Ladder = Schemas["LadderOut"];
export type LadderStep = Schemas["StepOut"];
export type Me = Schemas["Me"];
export type Order = Schemas["OrderOut"];
export type OrderPage = Schemas["OrderList"];
export type RecordedFinding = Schemas["RecordedFindingOut"];
export type ReadStatus = BalanceAndVolume["status"];
export type SavedConnector = Schemas["SavedConnector"];
export type Severity = Finding["severity"];
export type StateCode = BotState["code"];
export type Subject = RecordedFinding["subject"];
export type Trade = Schemas["TradeOut"];
export type TradePage = Schemas["TradeList"];
export type Volume = Schemas["VolumeOut"];
