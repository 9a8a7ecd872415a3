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
  budget?: Budget;
  note?: string;
};
export type BotPage = Schemas["BotList"];
export type BotState = Schemas["StateOut"];
export type BotType = Schemas["BotTypeOut"];
export type Budget = Schemas["BudgetOut"];
export type Chart = Schemas["Chart"];
export type Client = Schemas["ClientOut"];
export type ClientPage = Schemas["ClientList"];
export type Connector = Schemas["ConnectorOut"];
export type ConnectorBalances = Schemas["ConnectorBalances"];
export type ConnectorCheck = Schemas["ConnectorCheck"];
export type ConnectorDraft = Partial<Schemas["ConnectorBody"] & Pick<Schemas["ConnectorChange"], "answers_for_strangers">>;
export type Counter = Schemas["CounterOut"];
export type CurrentDecision = Schemas["CurrentOut"];
export type Decision = Schemas["DecisionOut"];
export type DecisionPage = Schemas["Decisions"];
export type EgressAddress = Schemas["EgressOut"];
export type Evidence = Schemas["EvidenceOut"];
export type Exchange = Schemas["ExchangeOut"];
export type ExchangeLife = Schemas["LifeOut"];
export type Finding = Schemas["FindingOut"];
export type FindingPage = Schemas["FindingList"];
export type HealthDetail = Schemas["HealthDetail"];
export type Hold = Schemas["HoldOut"];
export type HoldDraft = Omit<Schemas["HoldBody"], "scope"> & { scope: ScopeId };
export type Kill = Schemas["KillOut"];
export type KillDraft = Omit<Schemas["KillBody"], "scope"> & { scope: ScopeId };
export type Ladder = Schemas["LadderOut"];
export type LadderStep = Schemas["StepOut"];
export type Limit = Schemas["LimitOut"];
export type Limits = Schemas["LimitsOut"];
export type LockedBy = Schemas["LockedByOut"];
export type ManualTrading = Schemas["ManualTrading"];
export type Me = Schemas["Me"];
export type Order = Schemas["OrderOut"];
export type OrderPage = Schemas["OrderList"];
export type RecordedFinding = Schemas["RecordedFindingOut"];
export type ReadStatus = BalanceAndVolume["status"];
export type SavedConnector = Schemas["SavedConnector"];
export type Scope = Schemas["ScopeOut"];
export type ScopeId = Pick<Scope, "kind" | "id">;
export type Severity = Finding["severity"];
export type StateCode = BotState["code"];
export type Subject = RecordedFinding["subject"];
export type Trade = Schemas["TradeOut"];
export type TradePage = Schemas["TradeList"];
export type Transfer = Schemas["TransferOut"];
export type TransferLabel = Schemas["LabelBody"]["label"];
export type TransferPage = Schemas["TransferList"];
export type Volume = Schemas["VolumeOut"];
