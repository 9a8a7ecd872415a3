// Made by scripts/generate-api.mjs from the server's OpenAPI document. Do not edit.

export interface paths {
    "/api/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Login
         * @description Answers the session's token, and sets it as the cookie `tb_session`.
         */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Logout */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Me */
        get: operations["me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set Up
         * @description Makes the first administrator by the link that the server printed at its first start, and signs in.
         */
        post: operations["set_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bot-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Bot Types
         * @description What `bot_type` may be, and the JSON Schema of each type's config.
         */
        get: operations["list_bot_types"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Bots
         * @description 100 a page, oldest first.
         */
        get: operations["list_bots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create Bot
         * @description Stored stopped; a bot may exist before its connector, and before its pair could be verified.
         */
        post: operations["create_bot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Bot */
        get: operations["get_bot"];
        /** Update Bot */
        put: operations["update_bot"];
        post?: never;
        /**
         * Delete Bot
         * @description Stops the bot, waits a few seconds until every order is confirmed gone, and archives it; its history stays. 409
         *     while an order may still live.
         */
        delete: operations["delete_bot"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}/balance-and-volume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Balance And Volume
         * @description Available, locked and volume, each with its time; `refresh` forces one read that all waiting readers share.
         */
        get: operations["balance_and_volume"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}/balance-debug": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Balance Debug
         * @description The bot's connector, what storage and the manager hold, whether they match, and the error of the last read.
         */
        get: operations["balance_debug"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}/chart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Chart
         * @description Asking for it keeps the market polled for the next half minute.
         */
        get: operations["chart"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Decisions
         * @description Why the bot does what it does: now, and before, newest first.
         */
        get: operations["list_decisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Bot Findings
         * @description Of the bot and all that it rests on: those that hold first, then those that are over.
         */
        get: operations["list_bot_findings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Orders */
        get: operations["list_orders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume Bot
         * @description Ends a halt; 409 where the bot is not halted.
         */
        post: operations["resume_bot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start Bot
         * @description 409 with the finding where something forbids it.
         */
        post: operations["start_bot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Stats */
        get: operations["stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop Bot
         * @description Cancels every order of the bot and waits a few seconds for it; `state` says what is left to do.
         */
        post: operations["stop_bot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bots/{bot_id}/trades": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Trades */
        get: operations["list_trades"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/clients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Clients */
        get: operations["list_clients"];
        put?: never;
        /** Create Client */
        post: operations["create_client"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/clients/{client_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Client */
        get: operations["get_client"];
        /** Update Client */
        put: operations["update_client"];
        post?: never;
        /**
         * Delete Client
         * @description Refused while the client has bots or connectors.
         */
        delete: operations["delete_client"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/clients/{client_id}/connectors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Connectors */
        get: operations["list_connectors"];
        put?: never;
        /**
         * Create Connector
         * @description The doctor examines the key first; one that fails is refused with the ladder, unless `save_anyway`.
         */
        post: operations["create_connector"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/clients/{client_id}/connectors/{connector_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Update Connector
         * @description A new key, host, proxy, address family or timeout is examined first, as at creation.
         */
        put: operations["update_connector"];
        post?: never;
        /**
         * Delete Connector
         * @description Wipes the key. Refused while a bot of this connector runs or has live orders.
         */
        delete: operations["delete_connector"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/clients/{client_id}/connectors/{connector_id}/balances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Connector Balances
         * @description Everything the account holds; `refresh` forces one read that all waiting readers share.
         */
        get: operations["connector_balances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/clients/{client_id}/connectors/{connector_id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check Connector
         * @description The doctor's ladder with this key, now. No probe can trade.
         */
        post: operations["check_connector"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events
         * @description Says what changed, by id; what it is now is read from the other routes.
         */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/exchanges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Exchanges */
        get: operations["list_exchanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/exchanges/{exchange_id}/markets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Markets
         * @description The exchange's pairs and their rules, read at its own host without a key and kept for ten minutes.
         */
        get: operations["list_markets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Findings
         * @description Those that hold, what causes others first; or those that are over, newest first.
         */
        get: operations["list_findings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/findings/{finding_id}/evidence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Finding Evidence
         * @description As text for the support of an exchange; never a secret.
         */
        get: operations["finding_evidence"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/findings/{finding_id}/note": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Note Finding
         * @description Pins a note that the client sees.
         */
        put: operations["note_finding"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Health
         * @description The process answers; nothing else is asked.
         */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health/detail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Health Detail
         * @description The lease, and what stays at the exchanges if this host dies now; answered while the database is away, too.
         */
        get: operations["health_detail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Holds
         * @description `active=true`: those in force and those planned; `active=false`: those that are over.
         */
        get: operations["list_holds"];
        put?: never;
        /**
         * Place Hold
         * @description Stops quoting from its start to its end; afterwards bots go on only if their start checks pass.
         */
        post: operations["place_hold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/holds/{hold_id}/lift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lift Hold
         * @description Ends it now; a planned one never starts.
         */
        post: operations["lift_hold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/kills": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Kills
         * @description Newest first; `active=true`: those that nobody has re-armed.
         */
        get: operations["list_kills"];
        put?: never;
        /**
         * Press Kill
         * @description Nothing new is sent from now on, and every order of the scope is cancelled until the exchange confirms it.
         */
        post: operations["press_kill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/kills/{kill_id}/rearm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rearm Kill
         * @description Bots go on as they are wished, each only after its start checks.
         */
        post: operations["rearm_kill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/limits/{kind}/{scope_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Limits
         * @description What holds, who set it, and how near it is; `-` is the platform's id.
         */
        get: operations["get_limits"];
        /**
         * Set Limits
         * @description Holds from the next cycle on; nothing that was counted is forgotten. 409 wants a large change confirmed.
         */
        put: operations["set_limits"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ready
         * @description 503 until storage is open and the runner has taken over, and while it is going down.
         */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/transfers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Transfers
         * @description Newest first. None of them is profit or loss.
         */
        get: operations["list_transfers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/transfers/{transfer_id}/label": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Label Transfer
         * @description Says what it was. New orders of an account that money left are held until every such transfer is labelled.
         */
        post: operations["label_transfer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** BalanceAndVolume */
        BalanceAndVolume: {
            /**
             * Age Seconds
             * @example 1.2
             */
            age_seconds: number | null;
            /** As Of */
            as_of: string | null;
            /**
             * Available
             * @description Both currencies of the pair.
             * @example {
             *       "SHARP": "125000.5",
             *       "USDT": "812.4"
             *     }
             */
            available: {
                [key: string]: string;
            } | null;
            /** Bot Id */
            bot_id: string;
            /**
             * Connector
             * @example coinstore
             */
            connector: string;
            finding: components["schemas"]["FindingOut"] | null;
            /**
             * Locked
             * @description Both currencies of the pair.
             * @example {
             *       "SHARP": "125000.5",
             *       "USDT": "812.4"
             *     }
             */
            locked: {
                [key: string]: string;
            } | null;
            /** @description Null: it is not known which orders live there; not part of lists. */
            locked_by?: components["schemas"]["LockedByOut"] | null;
            /**
             * Pair
             * @example SHARP/USDT
             */
            pair: string;
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "stale" | "unknown";
            volume: components["schemas"]["VolumeOut"];
            /**
             * Wallet
             * @description The wallet it was read from.
             * @example spot
             */
            wallet: string | null;
        };
        /** BalanceDebug */
        BalanceDebug: {
            /** Account */
            account: string;
            balance: components["schemas"]["BalanceAndVolume"];
            /** Bot Id */
            bot_id: string;
            /**
             * Connector
             * @description The bot's value, as it was given.
             * @example Coinstore
             */
            connector: string;
            /** Connectors In Storage */
            connectors_in_storage: components["schemas"]["StoredConnector"][];
            /**
             * Diagnosis
             * @example The connector matches by name and its last read was answered.
             */
            diagnosis: string;
            /** @description Null: there is no connector to examine. */
            ladder: components["schemas"]["LadderOut"] | null;
            /** @description Of the last read of its balances; null: it was answered. */
            last_read_error: components["schemas"]["FindingOut"] | null;
            /**
             * Looked Up
             * @description The key that it was looked up by.
             * @example coinstore
             */
            looked_up: string;
            match: components["schemas"]["MatchOut"];
            /**
             * Sessions
             * @description In the manager, after it was brought in step with storage.
             */
            sessions: components["schemas"]["SessionOut"][];
        };
        /**
         * BotBody
         * @example {
         *       "account": "client_sharp",
         *       "bot_type": "volume",
         *       "connector": "coinstore",
         *       "name": "SHARP-VB-Coinstore",
         *       "pair": "SHARP/USDT"
         *     }
         */
        BotBody: {
            /**
             * Account
             * @description The client's identifier.
             */
            account: string;
            /**
             * Bot Type
             * @description An id of GET /bot-types.
             */
            bot_type: string;
            /** @description Needed where several bots run on one exchange account; null: the whole account. */
            budget?: components["schemas"]["BudgetBody"] | null;
            /**
             * Config
             * @description Left out: the defaults of the type.
             */
            config?: {
                [key: string]: components["schemas"]["JsonValue"];
            } | null;
            /**
             * Connector
             * @description A connector's name of this client, or an exchange id; in any case.
             */
            connector: string;
            /** Name */
            name: string;
            /**
             * Note
             * @description Shown to the client beside the bot.
             */
            note?: string | null;
            /**
             * Pair
             * @description BASE/QUOTE.
             */
            pair: string;
        };
        /**
         * BotChange
         * @description What is left out stays. `connector` and `pair` change only on a stopped bot with nothing live.
         * @example {
         *       "config": {
         *         "spread_bps": "60"
         *       }
         *     }
         */
        BotChange: {
            /** @description Null removes it. */
            budget?: components["schemas"]["BudgetBody"] | null;
            /**
             * Config
             * @description Replaces the whole config; keys left out take the defaults of the type.
             */
            config?: {
                [key: string]: components["schemas"]["JsonValue"];
            } | null;
            /** Connector */
            connector?: string | null;
            /** Name */
            name?: string | null;
            /**
             * Note
             * @description An empty one removes it.
             */
            note?: string | null;
            /** Pair */
            pair?: string | null;
        };
        /** BotList */
        BotList: {
            /** Bots */
            bots: components["schemas"]["BotRow"][];
            /**
             * Next
             * @description Pass it as `cursor` for the next page; null: this is the last one.
             */
            next: string | null;
        };
        /** BotOut */
        BotOut: {
            /**
             * Account
             * @example client_sharp
             */
            account: string;
            /**
             * Bot Type
             * @example volume
             */
            bot_type: string;
            /** @description Null: the whole account, which only a bot alone on it may use. */
            budget: components["schemas"]["BudgetOut"] | null;
            /** Client Id */
            client_id: string;
            /**
             * Config
             * @description With every default filled in.
             * @example {
             *       "spread_bps": "40"
             *     }
             */
            config: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /**
             * Connector
             * @description As it was given.
             * @example coinstore
             */
            connector: string;
            /**
             * Connector Id
             * @description The connector that it matches; null: none yet.
             */
            connector_id: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Exchange
             * @example coinstore
             */
            exchange: string | null;
            /**
             * Host Label
             * @description Null: the exchange's own host, or no connector.
             * @example sandbox
             */
            host_label: string | null;
            /**
             * Id
             * @example b1h6k9p3s7d2
             */
            id: string;
            /**
             * Market Verified
             * @description The exchange has confirmed that the pair is listed.
             */
            market_verified: boolean;
            /**
             * Name
             * @example SHARP-VB-Coinstore
             */
            name: string;
            /**
             * Note
             * @description The operator's words to the client.
             */
            note: string | null;
            /**
             * Pair
             * @example SHARP/USDT
             */
            pair: string;
            state: components["schemas"]["StateOut"];
            /**
             * Status
             * @description The wished one.
             * @enum {string}
             */
            status: "running" | "stopped";
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /** BotRow */
        BotRow: {
            /**
             * Account
             * @example client_sharp
             */
            account: string;
            /** @description With `include=balance`; the same body as the endpoint of that name, without `locked_by`. */
            balance_and_volume?: components["schemas"]["BalanceAndVolume"] | null;
            /**
             * Bot Type
             * @example volume
             */
            bot_type: string;
            /** @description Null: the whole account, which only a bot alone on it may use. */
            budget: components["schemas"]["BudgetOut"] | null;
            /** Client Id */
            client_id: string;
            /**
             * Config
             * @description With every default filled in.
             * @example {
             *       "spread_bps": "40"
             *     }
             */
            config: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /**
             * Connector
             * @description As it was given.
             * @example coinstore
             */
            connector: string;
            /**
             * Connector Id
             * @description The connector that it matches; null: none yet.
             */
            connector_id: string | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Exchange
             * @example coinstore
             */
            exchange: string | null;
            /**
             * Host Label
             * @description Null: the exchange's own host, or no connector.
             * @example sandbox
             */
            host_label: string | null;
            /**
             * Id
             * @example b1h6k9p3s7d2
             */
            id: string;
            /**
             * Market Verified
             * @description The exchange has confirmed that the pair is listed.
             */
            market_verified: boolean;
            /**
             * Name
             * @example SHARP-VB-Coinstore
             */
            name: string;
            /**
             * Note
             * @description The operator's words to the client.
             */
            note: string | null;
            /**
             * Pair
             * @example SHARP/USDT
             */
            pair: string;
            state: components["schemas"]["StateOut"];
            /**
             * Status
             * @description The wished one.
             * @enum {string}
             */
            status: "running" | "stopped";
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /** BotTypeList */
        BotTypeList: {
            /** Bot Types */
            bot_types: components["schemas"]["BotTypeOut"][];
        };
        /** BotTypeOut */
        BotTypeOut: {
            /**
             * Id
             * @example spread
             */
            id: string;
            /**
             * Label
             * @example Spread
             */
            label: string;
            /**
             * Parameters
             * @description JSON Schema of `config`.
             */
            parameters: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /**
             * Startable
             * @description False: it is stored and shown, and cannot start yet.
             */
            startable: boolean;
        };
        /**
         * BudgetBody
         * @description What the bot may have in orders and inventory; its own fills move it.
         */
        BudgetBody: {
            /**
             * Base
             * @description Amount of the base currency, 0 included.
             * @example 125000.5
             */
            base: string;
            /**
             * Quote
             * @description Amount of the quote currency, 0 included.
             * @example 812.4
             */
            quote: string;
        };
        /**
         * BudgetOut
         * @description As it was given; own fills have moved what the bot may have since.
         */
        BudgetOut: {
            /**
             * Base
             * @example 125000.5
             */
            base: string;
            /**
             * Quote
             * @example 125000.5
             */
            quote: string;
        };
        /** CallOut */
        CallOut: {
            /** At */
            at: string | null;
            /**
             * Call
             * @example fetch_balance
             */
            call: string;
            /**
             * Endpoint
             * @example /spot/accountList
             */
            endpoint: string | null;
            /**
             * Exchange Code
             * @example 1401
             */
            exchange_code: string | null;
            /**
             * Exchange Text
             * @example signature-failed
             */
            exchange_text: string | null;
            /**
             * Finding Code
             * @description Null: it was answered.
             */
            finding_code: string | null;
            /**
             * Http Status
             * @example 200
             */
            http_status: number | null;
            /**
             * Latency Ms
             * @example 84
             */
            latency_ms: number | null;
            /**
             * Method
             * @example POST
             */
            method: string | null;
            /**
             * Request Id
             * @example 8142
             */
            request_id: string | null;
        };
        /**
         * Chart
         * @description One hour of mid prices at 1 s, with the bot's live orders and its fills.
         */
        Chart: {
            /**
             * Fills
             * @description Of the same hour, oldest first.
             */
            fills: components["schemas"]["ChartFill"][];
            /**
             * Mids
             * @description Unix milliseconds and price, oldest first.
             * @example [
             *       [
             *         1780000000000,
             *         "0.02561"
             *       ]
             *     ]
             */
            mids: [
                number,
                string
            ][];
            /** Orders */
            orders: components["schemas"]["ChartOrder"][];
            /**
             * Pair
             * @example SHARP/USDT
             */
            pair: string;
        };
        /** ChartFill */
        ChartFill: {
            /**
             * Amount
             * @example 125000.5
             */
            amount: string;
            /**
             * Price
             * @example 125000.5
             */
            price: string;
            /**
             * Side
             * @enum {string}
             */
            side: "buy" | "sell";
            /**
             * Time Ms
             * @example 1780000000000
             */
            time_ms: number;
        };
        /** ChartOrder */
        ChartOrder: {
            /**
             * Amount
             * @example 125000.5
             */
            amount: string;
            /**
             * Filled
             * @example 125000.5
             */
            filled: string;
            /** Id */
            id: string;
            /** Price */
            price: string | null;
            /**
             * Side
             * @enum {string}
             */
            side: "buy" | "sell";
            /**
             * State
             * @example new
             */
            state: string;
        };
        /**
         * ClientBody
         * @example {
         *       "account": "client_sharp",
         *       "name": "Sharp Labs"
         *     }
         */
        ClientBody: {
            /**
             * Account
             * @description Identifier, matched without regard to case and outer space.
             */
            account: string;
            /**
             * Name
             * @description What people read.
             */
            name: string;
        };
        /**
         * ClientChange
         * @example {
         *       "name": "Sharp Labs Ltd"
         *     }
         */
        ClientChange: {
            /**
             * Account
             * @description Refused while the client has bots.
             */
            account?: string | null;
            /** Name */
            name?: string | null;
        };
        /** ClientList */
        ClientList: {
            /** Clients */
            clients: components["schemas"]["ClientOut"][];
            /**
             * Next
             * @description Pass it as `cursor` for the next page; null: this is the last one.
             */
            next: string | null;
        };
        /** ClientOut */
        ClientOut: {
            /**
             * Account
             * @example client_sharp
             */
            account: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * @example c7k2m9q4x1w8
             */
            id: string;
            /**
             * Name
             * @example Sharp Labs
             */
            name: string;
        };
        /**
         * ConnectorBalances
         * @description Everything that the account holds, whether a bot uses it or not.
         */
        ConnectorBalances: {
            /**
             * Age Seconds
             * @example 1.2
             */
            age_seconds: number | null;
            /** As Of */
            as_of: string | null;
            /**
             * Balances
             * @description Currencies that the exchange listed; null: unknown.
             * @example {
             *       "SHARP": {
             *         "available": "125000.5",
             *         "locked": "400"
             *       }
             *     }
             */
            balances: {
                [key: string]: components["schemas"]["HeldOut"];
            } | null;
            /** Connector Id */
            connector_id: string;
            finding: components["schemas"]["FindingOut"] | null;
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "stale" | "unknown";
            /**
             * Wallet
             * @example spot
             */
            wallet: string | null;
        };
        /**
         * ConnectorBody
         * @example {
         *       "api_key": "7f6a...",
         *       "name": "coinstore",
         *       "secret": "b31c..."
         *     }
         */
        ConnectorBody: {
            /**
             * Api Key
             * Format: password
             */
            api_key: string;
            /**
             * Base Url
             * @description Another host than the exchange's own, such as the sandbox.
             * @example http://127.0.0.1:8802/api
             */
            base_url?: string | null;
            /**
             * Exchange
             * @description An id of GET /exchanges; left out: it is the name.
             */
            exchange?: string | null;
            /**
             * Ipv4 Only
             * @default false
             */
            ipv4_only: boolean;
            /**
             * Key Label
             * @description What this key is called at the exchange.
             */
            key_label?: string | null;
            /**
             * @description Whether people trade on this account by hand. With `none` an order or a trade that is not ours is critical at once and holds new orders.
             * @default none
             */
            manual_trading: components["schemas"]["ManualTrading"];
            /**
             * Memo
             * @description Memo, uid or passphrase where the exchange wants one.
             */
            memo?: string | null;
            /**
             * Name
             * @description Unique for the client in any case; left out: the exchange's id.
             */
            name?: string | null;
            /**
             * Proxy Url
             * @description By http, https, socks5, or socks5h, by which the proxy looks names up. It may hold a password: it is stored encrypted.
             * @example socks5h://user:password@203.0.113.8:1080
             */
            proxy_url?: string | null;
            /**
             * Save Anyway
             * @description Saves a key whose check failed.
             * @default false
             */
            save_anyway: boolean;
            /**
             * Secret
             * Format: password
             */
            secret: string;
            /**
             * Timeout S
             * @description How long an answer is waited for, 2 to 30 s; left out or 0: 5 s, and 10 s for orders and cancels. Books, balances and open orders are never waited for longer than 5 s.
             * @example 15
             */
            timeout_s?: number | null;
        };
        /**
         * ConnectorChange
         * @description What is left out stays; `base_url` and `proxy_url` as an empty string are removed.
         * @example {
         *       "api_key": "9c1d...",
         *       "secret": "e07b..."
         *     }
         */
        ConnectorChange: {
            /**
             * Answers For Strangers
             * @description A person says that the orders and trades found there that are not ours are known: new orders of the account go on, and what comes later is told again.
             * @default false
             */
            answers_for_strangers: boolean;
            /**
             * Api Key
             * @description Goes with `secret`: both, or none.
             */
            api_key?: string | null;
            /** Base Url */
            base_url?: string | null;
            /** Ipv4 Only */
            ipv4_only?: boolean | null;
            /**
             * Key Label
             * @description An empty one removes it.
             */
            key_label?: string | null;
            /** @description Another value than before also answers for what was found there. */
            manual_trading?: components["schemas"]["ManualTrading"] | null;
            /** Memo */
            memo?: string | null;
            /** Name */
            name?: string | null;
            /** Proxy Url */
            proxy_url?: string | null;
            /**
             * Save Anyway
             * @description Saves a key or a way whose check failed.
             * @default false
             */
            save_anyway: boolean;
            /** Secret */
            secret?: string | null;
            /**
             * Timeout S
             * @description Of 2 to 30 s; 0: the platform's own again.
             */
            timeout_s?: number | null;
        };
        /**
         * ConnectorCheck
         * @description What a read and the doctor's ladder found, just now.
         */
        ConnectorCheck: {
            /**
             * Age Seconds
             * @example 1.2
             */
            age_seconds: number | null;
            /** As Of */
            as_of: string | null;
            /**
             * Balances
             * @description Currencies that the exchange listed; null: unknown.
             * @example {
             *       "SHARP": {
             *         "available": "125000.5",
             *         "locked": "400"
             *       }
             *     }
             */
            balances: {
                [key: string]: components["schemas"]["HeldOut"];
            } | null;
            /** Connector Id */
            connector_id: string;
            finding: components["schemas"]["FindingOut"] | null;
            ladder: components["schemas"]["LadderOut"];
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "stale" | "unknown";
            /**
             * Wallet
             * @example spot
             */
            wallet: string | null;
        };
        /** ConnectorList */
        ConnectorList: {
            /** Connectors */
            connectors: components["schemas"]["ConnectorOut"][];
        };
        /** ConnectorOut */
        ConnectorOut: {
            /**
             * Account
             * @example client_sharp
             */
            account: string;
            /** As Of */
            as_of: string | null;
            /** Base Url */
            base_url: string | null;
            /** Client Id */
            client_id: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** @description That its exchange is closing or closed; null: it is neither. */
            ends: components["schemas"]["FindingOut"] | null;
            /**
             * Exchange
             * @example coinstore
             */
            exchange: string;
            /**
             * Exchange Account
             * @description The exchange's own id of the account; null: not read yet.
             */
            exchange_account: string | null;
            finding: components["schemas"]["FindingOut"] | null;
            /** Has Proxy */
            has_proxy: boolean;
            /**
             * Host Label
             * @description Null: the exchange's own host.
             * @example sandbox
             */
            host_label: string | null;
            /**
             * Id
             * @example n4b8t2v6y0z3
             */
            id: string;
            /** Ipv4 Only */
            ipv4_only: boolean;
            /**
             * Key Label
             * @description What this key is called at the exchange.
             */
            key_label: string | null;
            /**
             * Key Last4
             * @description Last four characters of the API key; null: none stored.
             * @example x9k2
             */
            key_last4: string | null;
            /**
             * Key Last Success At
             * @description When the exchange last accepted it; null: never yet.
             */
            key_last_success_at: string | null;
            /** Key Set At */
            key_set_at: string | null;
            /**
             * Key Set By
             * @description Who entered it.
             */
            key_set_by: string | null;
            /** @description Whether people trade on this account by hand. */
            manual_trading: components["schemas"]["ManualTrading"];
            /**
             * Name
             * @example coinstore
             */
            name: string;
            /**
             * Status
             * @description Of the last read of its balances.
             * @enum {string}
             */
            status: "ok" | "stale" | "unknown";
            /**
             * Strangers
             * @description What was found there that is not ours, and holds new orders until a person answers for it.
             */
            strangers: components["schemas"]["FindingOut"][];
            /**
             * Timeout S
             * @description How long an answer is waited for; null: the platform's own.
             */
            timeout_s: number | null;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * CounterOut
         * @description How near a limit is.
         */
        CounterOut: {
            /**
             * Limit
             * @description At which something happens; null: at nothing.
             */
            limit: string | null;
            /**
             * Name
             * @example execution_loss
             */
            name: string;
            /**
             * Text
             * @example Execution loss of a day, with fees
             */
            text: string;
            /**
             * Unit
             * @description A currency, or `count`.
             * @example USDT
             */
            unit: string;
            /**
             * Value
             * @description Null: not known yet.
             */
            value: string | null;
        };
        /** CredentialFieldOut */
        CredentialFieldOut: {
            /**
             * Label
             * @example API key
             */
            label: string;
            /**
             * Name
             * @example api_key
             */
            name: string;
            /** Required */
            required: boolean;
            /** Secret */
            secret: boolean;
        };
        /**
         * CurrentOut
         * @description Why the bot does what it does, now.
         */
        CurrentOut: {
            /** @description Null: none was made since the server started. */
            decision: components["schemas"]["DecisionOut"] | null;
            /** Last Fill At */
            last_fill_at: string | null;
            /**
             * Open Orders
             * @description Null: not known.
             */
            open_orders: number | null;
            state: components["schemas"]["StateOut"];
        };
        /**
         * DecisionOut
         * @description Cycles in a row that said the same, told by the first of them.
         */
        DecisionOut: {
            /**
             * Cycles
             * @description How many cycles said so; null: the server ended before it was counted.
             */
            cycles: number | null;
            /**
             * Decided At
             * Format: date-time
             */
            decided_at: string;
            /**
             * Ended At
             * @description Null: it stands, or the server ended under it.
             */
            ended_at: string | null;
            /** Finding Code */
            finding_code: string | null;
            /** Id */
            id: string;
            /**
             * Notes
             * @description What was left out or trimmed.
             */
            notes: components["schemas"]["ReasonOut"][];
            reason: components["schemas"]["ReasonOut"];
            /**
             * Wanted
             * @description Null: what stands was left as it is.
             */
            wanted: components["schemas"]["WantedOut"][] | null;
        };
        /** Decisions */
        Decisions: {
            current: components["schemas"]["CurrentOut"];
            /** Decisions */
            decisions: components["schemas"]["DecisionOut"][];
            /**
             * Next
             * @description Pass it as `cursor` for the next page; null: this is the last one.
             */
            next: string | null;
        };
        /** Done */
        Done: {
            /**
             * Id
             * @description What was changed or removed.
             * @example c7k2m9q4x1w8
             */
            id: string;
        };
        /**
         * EgressOut
         * @description An address from which the exchange sees this host; the key must allow it.
         */
        EgressOut: {
            /**
             * Address
             * @example 203.0.113.7
             */
            address: string;
            /**
             * Family
             * @enum {string}
             */
            family: "ipv4" | "ipv6";
            /** First Seen */
            first_seen: string | null;
            /** Last Seen */
            last_seen: string | null;
            /**
             * Source
             * @enum {string}
             */
            source: "seen" | "configured" | "proxy";
        };
        /**
         * EvidenceOut
         * @description One exchange call as it ended; never a header, a signature or a secret.
         */
        EvidenceOut: {
            /** At */
            at: string | null;
            /**
             * Call
             * @example fetch_balance
             */
            call: string;
            /**
             * Endpoint
             * @example /spot/accountList
             */
            endpoint: string | null;
            /**
             * Exchange Code
             * @example 1401
             */
            exchange_code: string | null;
            /**
             * Exchange Text
             * @example signature-failed
             */
            exchange_text: string | null;
            /**
             * Http Status
             * @example 200
             */
            http_status: number | null;
            /**
             * Latency Ms
             * @example 84
             */
            latency_ms: number | null;
            /**
             * Method
             * @example POST
             */
            method: string | null;
            /**
             * Request Id
             * @example 8142
             */
            request_id: string | null;
        };
        /**
         * EvidenceText
         * @description For the support of an exchange; never a secret.
         */
        EvidenceText: {
            /**
             * Text
             * @description Plain text, as it can be sent.
             */
            text: string;
        };
        /** ExchangeList */
        ExchangeList: {
            /** Exchanges */
            exchanges: components["schemas"]["ExchangeOut"][];
        };
        /** ExchangeOut */
        ExchangeOut: {
            /**
             * Certification
             * @description How far this platform has proved its work with it: `sandboxed` (the contract suite against its own dialect of the sandbox), `replayed` (the suite on recorded answers), or `none` (as ccxt reads it).
             * @example sandboxed
             */
            certification: string;
            /** Credential Fields */
            credential_fields: components["schemas"]["CredentialFieldOut"][];
            /**
             * Features
             * @example {
             *       "post_only": true
             *     }
             */
            features: {
                [key: string]: boolean;
            };
            /** @description The certification in the field that proves most; null: none has passed here. */
            field_checked: components["schemas"]["FieldCheckedOut"] | null;
            /**
             * Id
             * @example coinstore
             */
            id: string;
            /**
             * Label
             * @example Coinstore
             */
            label: string;
            life: components["schemas"]["LifeOut"];
        };
        /**
         * FieldCheckedOut
         * @description What `trading-bridge certify` found on this installation.
         */
        FieldCheckedOut: {
            /**
             * At
             * Format: date-time
             */
            at: string;
            /**
             * Build
             * @description Version of this platform.
             * @example 0.1.0
             */
            build: string;
            /**
             * Ccxt
             * @description Version of ccxt.
             * @example 4.5.71
             */
            ccxt: string;
            /**
             * Sandbox
             * @description It was the sandbox on this host, not the exchange.
             */
            sandbox: boolean;
            /**
             * With Order
             * @description An order was placed, looked up, cancelled and seen gone; false: reads alone.
             */
            with_order: boolean;
        };
        /**
         * FindingHistoryOut
         * @description The row of a finding that is recorded.
         */
        FindingHistoryOut: {
            /**
             * Count
             * @description How often it struck.
             */
            count: number;
            /** Id */
            id: string;
            /**
             * Note
             * @description The operator's words, which the client sees.
             */
            note: string | null;
        };
        /** FindingList */
        FindingList: {
            /** Findings */
            findings: components["schemas"]["RecordedFindingOut"][];
            /**
             * Next
             * @description Pass it as `cursor` for the next page; null: this is the last one.
             */
            next: string | null;
        };
        /**
         * FindingOut
         * @description A diagnosed problem: what it is, why, and the step that fixes it.
         */
        FindingOut: {
            /**
             * Cause
             * @example The client has no connector named coinstore.
             */
            cause: string;
            /**
             * Code
             * @description Stable and dotted.
             * @example connector.missing
             */
            code: string;
            /**
             * Effect
             * @description What it does to orders.
             * @enum {string}
             */
            effect: "trading_goes_on" | "orders_held" | "orders_cancelled" | "killed" | "unknown";
            evidence: components["schemas"]["EvidenceOut"] | null;
            /**
             * Fix
             * @example Add a connector for Coinstore to this client.
             */
            fix: string;
            for_client: components["schemas"]["ForClientOut"];
            /** @description Null: it is not recorded (yet). */
            history: components["schemas"]["FindingHistoryOut"] | null;
            /**
             * Parameters
             * @example {
             *       "connector": "coinstore"
             *     }
             */
            parameters: {
                [key: string]: string;
            };
            /**
             * Severity
             * @enum {string}
             */
            severity: "info" | "warning" | "critical";
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Title
             * @example No key for this bot
             */
            title: string;
        };
        /**
         * ForClientOut
         * @description A finding in the client's words: without addresses and internals.
         */
        ForClientOut: {
            /**
             * Money
             * @description Whether its money is safe.
             * @example Your money is untouched.
             */
            money: string;
            /**
             * Text
             * @example Your bot cannot read its balance at the exchange; your operator is told.
             */
            text: string;
            /**
             * Who Acts
             * @enum {string}
             */
            who_acts: "you" | "operator" | "exchange" | "nobody";
        };
        /**
         * HaltOut
         * @description A limit was hit.
         */
        HaltOut: {
            /**
             * Code
             * @example limit.fees
             */
            code: string;
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Text
             * @example Fees of 20 were paid in a day; 20 is allowed
             */
            text: string;
            /**
             * Until
             * @description When it ends by itself; null: only a person ends it.
             */
            until: string | null;
        };
        /** Health */
        Health: {
            /**
             * Status
             * @example ok
             */
            status: string;
        };
        /** HealthDetail */
        HealthDetail: {
            /**
             * If Host Dies
             * @description What stays at the exchanges, and can trade there, until a server on this database runs again.
             */
            if_host_dies: components["schemas"]["LeftBehindOut"][];
            /** @description Null: this process sends no orders. */
            lease: components["schemas"]["LeaseOut"] | null;
            /**
             * Version
             * @example 0.4.0
             */
            version: string;
        };
        /** HeldOut */
        HeldOut: {
            /**
             * Available
             * @example 125000.5
             */
            available: string;
            /**
             * Locked
             * @example 125000.5
             */
            locked: string;
        };
        /**
         * HoldBody
         * @example {
         *       "ends_at": "2026-01-12T12:00:00Z",
         *       "orders": "cancel",
         *       "reason": "Token migration",
         *       "scope": {
         *         "id": "coinstore SHARP/USDT",
         *         "kind": "market"
         *       },
         *       "starts_at": "2026-01-12T09:00:00Z"
         *     }
         */
        HoldBody: {
            /**
             * Ends At
             * @description Left out: until it is lifted.
             */
            ends_at?: string | null;
            /**
             * Orders
             * @description What becomes of orders that stand.
             * @default cancel
             * @enum {string}
             */
            orders: "cancel" | "keep";
            /**
             * Reason
             * @description Shown to everybody who sees the hold.
             */
            reason: string;
            scope: components["schemas"]["ScopeBody"];
            /**
             * Starts At
             * @description Left out: now.
             */
            starts_at?: string | null;
        };
        /** HoldList */
        HoldList: {
            /** Holds */
            holds: components["schemas"]["HoldOut"][];
        };
        /** HoldOut */
        HoldOut: {
            /**
             * Ends At
             * @description Null: until it is lifted.
             */
            ends_at: string | null;
            /**
             * Id
             * @example h3m9q4x1w8c7k2m9
             */
            id: string;
            /** Lift Reason */
            lift_reason: string | null;
            /** Lifted At */
            lifted_at: string | null;
            /** Lifted By */
            lifted_by: string | null;
            /**
             * Made At
             * Format: date-time
             */
            made_at: string;
            /**
             * Made By
             * @example operator@example.com
             */
            made_by: string;
            /**
             * Orders
             * @enum {string}
             */
            orders: "cancel" | "keep";
            /**
             * Reason
             * @example Token migration
             */
            reason: string;
            scope: components["schemas"]["ScopeOut"];
            /**
             * Starts At
             * Format: date-time
             */
            starts_at: string;
            /**
             * State
             * @enum {string}
             */
            state: "planned" | "active" | "over" | "lifted";
        };
        JsonValue: unknown;
        /**
         * KillBody
         * @example {
         *       "reason": "Key may be stolen",
         *       "scope": {
         *         "id": "c7k2m9q4x1w8",
         *         "kind": "client"
         *       }
         *     }
         */
        KillBody: {
            /**
             * By Hand
             * @description Cancel orders that people placed by hand, too.
             * @default false
             */
            by_hand: boolean;
            /**
             * Reason
             * @description Shown to everybody who sees the kill.
             */
            reason: string;
            /** @description A bot, a client or the platform. */
            scope: components["schemas"]["ScopeBody"];
        };
        /** KillList */
        KillList: {
            /** Kills */
            kills: components["schemas"]["KillOut"][];
        };
        /** KillOut */
        KillOut: {
            /**
             * Asked At
             * Format: date-time
             */
            asked_at: string;
            /**
             * Asked By
             * @example operator@example.com
             */
            asked_by: string;
            /** By Hand */
            by_hand: boolean;
            /**
             * Confirmed
             * @description Of them those that the exchange has confirmed gone.
             */
            confirmed: number | null;
            /** Done At */
            done_at: string | null;
            /**
             * Id
             * @example k3m9q4x1w8c7k2m9
             */
            id: string;
            /** Rearm Reason */
            rearm_reason: string | null;
            /** Rearmed At */
            rearmed_at: string | null;
            /** Rearmed By */
            rearmed_by: string | null;
            /**
             * Reason
             * @example Key may be stolen
             */
            reason: string;
            scope: components["schemas"]["ScopeOut"];
            /**
             * State
             * @description `done` only once the exchange holds no live order of the scope.
             * @enum {string}
             */
            state: "stopping" | "done" | "rearmed";
            /**
             * Text
             * @example 31 of 40 confirmed
             */
            text: string;
            /**
             * Total
             * @description Orders that were live since then; null: nobody has counted them yet.
             */
            total: number | null;
            /**
             * Waits For
             * @description What keeps it from being done.
             */
            waits_for: components["schemas"]["WaitingOut"][];
        };
        /**
         * LabelBody
         * @example {
         *       "label": "deposit",
         *       "note": "Second tranche of the budget."
         *     }
         */
        LabelBody: {
            /**
             * Label
             * @enum {string}
             */
            label: "deposit" | "withdrawal" | "internal" | "interest" | "airdrop" | "fee" | "manual_trade" | "other";
            /**
             * Note
             * @description For whoever asks later; null or empty: none.
             */
            note?: string | null;
        };
        /** LadderOut */
        LadderOut: {
            /** @description Null: nothing was found. */
            diagnosis: components["schemas"]["FindingOut"] | null;
            /**
             * Egress
             * @description Addresses to allow at the exchange.
             */
            egress: components["schemas"]["EgressOut"][];
            /** Passed */
            passed: boolean;
            /**
             * Remaining
             * @description The most likely first.
             */
            remaining: components["schemas"]["RemainingOut"][];
            /**
             * Requests
             * @description Requests that the exchange received for it.
             */
            requests: number;
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
            /** Steps */
            steps: components["schemas"]["StepOut"][];
            /**
             * Took Ms
             * @description Milliseconds, the whole of it.
             */
            took_ms: number;
        };
        /** LastRead */
        LastRead: {
            /**
             * As Of
             * Format: date-time
             */
            as_of: string;
            /**
             * Request Id
             * @description The exchange's id of that answer, where it sends one.
             */
            request_id: string | null;
        };
        /**
         * LeaseOut
         * @description Under which this process sends orders.
         */
        LeaseOut: {
            /**
             * Epoch
             * @description Part of every client order id that it makes.
             * @example 1795275310
             */
            epoch: number;
            /** @description Why nothing may be sent now. */
            finding: components["schemas"]["FindingOut"] | null;
            /**
             * Holder
             * @example bridge-1:4242
             */
            holder: string;
            /**
             * Seconds Left
             * @description Until it stops sending unless it renews; null: a lock on the file proves it.
             * @example 7.2
             */
            seconds_left: number | null;
            /**
             * Shard
             * @description The part of the clients that it covers; one process has all of them.
             */
            shard: number;
        };
        /**
         * LeftBehindOut
         * @description Orders at one exchange account that nobody would watch.
         */
        LeftBehindOut: {
            /**
             * Account
             * @example client_sharp
             */
            account: string | null;
            /**
             * Connector
             * @description Null: no session serves it.
             * @example coinstore
             */
            connector: string | null;
            /** Connector Id */
            connector_id: string;
            /**
             * Dead Mans Switch
             * @description The exchange cancels by itself what nobody watches any more.
             */
            dead_mans_switch: boolean;
            /**
             * Exchange
             * @example Coinstore
             */
            exchange: string | null;
            /** @description Why nobody can look. */
            finding: components["schemas"]["FindingOut"] | null;
            /**
             * Orders
             * @description Known to stand; null: nobody can look.
             */
            orders: number | null;
            /**
             * Text
             * @example 4 orders stand at Coinstore, which has no dead man's switch: nothing cancels them by itself.
             */
            text: string;
            /**
             * Unresolved
             * @description They may stand, or may have ended; null: nobody can look.
             */
            unresolved: number | null;
        };
        /**
         * LifeOut
         * @description On an exchange that is closing or closed balances are read, and bots start in its sandbox only.
         */
        LifeOut: {
            /** Last Trading Day */
            last_trading_day: string | null;
            /**
             * No New Orders Since
             * @description A day, UTC; null: none is announced. So are the others.
             */
            no_new_orders_since: string | null;
            /**
             * Source
             * @description Where that is announced.
             */
            source: string | null;
            /**
             * State
             * @description `active`, `closing` or `closed`
             * @example active
             */
            state: string;
            /**
             * Withdraw By
             * @description The last day on which money can be withdrawn.
             */
            withdraw_by: string | null;
        };
        /** LimitOut */
        LimitOut: {
            /** Default */
            default: string | null;
            /**
             * Name
             * @description With `bot.` before it: for each bot that has no value of its own.
             * @example collar_bps
             */
            name: string;
            /**
             * Source
             * @description Who set the value.
             * @enum {string}
             */
            source: "default" | "platform" | "client" | "bot";
            /**
             * Text
             * @example Furthest that an order may be priced from the reference
             */
            text: string;
            /**
             * Unit
             * @enum {string}
             */
            unit: "bps" | "quote" | "share" | "count" | "per_minute" | "seconds";
            /**
             * Value
             * @description Null: there is no such limit.
             */
            value: string | null;
        };
        /** LimitScopeOut */
        LimitScopeOut: {
            /**
             * Id
             * @description Empty: the platform.
             */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "platform" | "client" | "bot";
            /**
             * Name
             * @description As people call it.
             * @example SHARP-VB-Coinstore
             */
            name: string;
        };
        /**
         * LimitsBody
         * @description What is left out stays.
         * @example {
         *       "limits": {
         *         "collar_bps": "300"
         *       }
         *     }
         */
        LimitsBody: {
            /**
             * Confirm
             * @description A value that allows ten times its default, or more, is meant.
             * @default false
             */
            confirm: boolean;
            /**
             * Limits
             * @description Name -> value in plain digits; null: what holds without it holds again.
             */
            limits: {
                [key: string]: string | null;
            };
        };
        /** LimitsOut */
        LimitsOut: {
            /** Counters */
            counters: components["schemas"]["CounterOut"][];
            halt: components["schemas"]["HaltOut"] | null;
            /** Limits */
            limits: components["schemas"]["LimitOut"][];
            scope: components["schemas"]["LimitScopeOut"];
        };
        /**
         * LockedByOut
         * @description Whose orders hold it, as the platform knows them; orders on their way count, so the sum may lead `locked`.
         */
        LockedByOut: {
            /**
             * By Hand
             * @description Open orders there that are not the platform's.
             */
            by_hand: {
                [key: string]: string;
            };
            /**
             * Other Bots
             * @description Of every client's bots on this exchange account.
             */
            other_bots: {
                [key: string]: string;
            };
            /**
             * This Bot
             * @description Both currencies of the pair.
             * @example {
             *       "SHARP": "125000.5",
             *       "USDT": "812.4"
             *     }
             */
            this_bot: {
                [key: string]: string;
            };
        };
        /**
         * LoginBody
         * @example {
         *       "email": "admin@example.com",
         *       "password": "correct horse"
         *     }
         */
        LoginBody: {
            /** Email */
            email: string;
            /** Password */
            password: string;
        };
        /**
         * ManualTrading
         * @description Whether people trade by hand on the exchange account of a connector.
         * @enum {string}
         */
        ManualTrading: "none" | "expected";
        /** MarketList */
        MarketList: {
            /** As Of */
            as_of: string | null;
            /**
             * Exchange
             * @example coinstore
             */
            exchange: string;
            finding: components["schemas"]["FindingOut"] | null;
            /**
             * Markets
             * @description By pair, at most `limit`.
             */
            markets: components["schemas"]["MarketOut"][];
            /**
             * Status
             * @description `stale`: a later read failed; `unknown`: the list was never read.
             * @enum {string}
             */
            status: "ok" | "stale" | "unknown";
            /**
             * Total
             * @description How many fit the search; null: unknown.
             * @example 1
             */
            total: number | null;
        };
        /** MarketOut */
        MarketOut: {
            /**
             * Amount Step
             * @example 125000.5
             */
            amount_step: string;
            /**
             * Base
             * @example SHARP
             */
            base: string;
            /**
             * Closed
             * @description Why no order is taken, as code of a finding (`market.halted`, `market.no_api`); null: it trades.
             * @example market.halted
             */
            closed: string | null;
            /**
             * Maker Fee
             * @description 0.002 is 0.2 %.
             */
            maker_fee: string | null;
            /** Min Amount */
            min_amount: string | null;
            /**
             * Min Cost
             * @description Smallest price x amount of an order, in quote.
             */
            min_cost: string | null;
            /**
             * Min Price
             * @description Null here and below: the exchange states none.
             */
            min_price: string | null;
            /**
             * Pair
             * @example SHARP/USDT
             */
            pair: string;
            /**
             * Price Step
             * @example 125000.5
             */
            price_step: string;
            /**
             * Quote
             * @example USDT
             */
            quote: string;
            /** Taker Fee */
            taker_fee: string | null;
        };
        /** MatchOut */
        MatchOut: {
            /** Connector Id */
            connector_id: string | null;
            finding: components["schemas"]["FindingOut"] | null;
            /** Matched */
            matched: boolean;
            /**
             * Rule
             * @description `name`, or `only connector at that exchange`.
             * @example name
             */
            rule: string | null;
        };
        /** Me */
        Me: {
            /**
             * Email
             * @example admin@example.com
             */
            email: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Id */
            id: string;
        };
        /**
         * NoteBody
         * @example {
         *       "note": "The exchange is told; we expect it back at noon."
         *     }
         */
        NoteBody: {
            /**
             * Note
             * @description Shown to the client beside the finding; null or empty removes it.
             */
            note: string | null;
        };
        /** OrderList */
        OrderList: {
            /**
             * Next
             * @description Pass it as `cursor` for the next page; null: this is the last one.
             */
            next: string | null;
            /**
             * Orders
             * @description Newest first.
             */
            orders: components["schemas"]["OrderOut"][];
        };
        /** OrderOut */
        OrderOut: {
            /**
             * Amount
             * @example 125000.5
             */
            amount: string;
            /** Exchange Order Id */
            exchange_order_id: string | null;
            /**
             * Filled
             * @example 125000.5
             */
            filled: string;
            /**
             * Id
             * @description The client order id.
             * @example tbk3x9zt1a2b3c4d5e6f
             */
            id: string;
            /** Post Only */
            post_only: boolean;
            /**
             * Price
             * @description Null on a market order.
             */
            price: string | null;
            /**
             * Refusal Code
             * @description The exchange's own code of a refusal.
             */
            refusal_code: string | null;
            /** Refusal Text */
            refusal_text: string | null;
            /**
             * Side
             * @enum {string}
             */
            side: "buy" | "sell";
            /**
             * State
             * @enum {string}
             */
            state: "pending_new" | "unresolved" | "new" | "partially_filled" | "pending_cancel" | "filled" | "canceled" | "expired" | "rejected" | "denied" | "not_sent" | "absent";
            /**
             * Time
             * Format: date-time
             * @description When it was decided.
             */
            time: string;
            /**
             * Time In Force
             * @enum {string}
             */
            time_in_force: "GTC" | "IOC" | "FOK";
            /**
             * Type
             * @enum {string}
             */
            type: "limit" | "market";
        };
        /**
         * Problem
         * @description RFC 9457 problem details.
         */
        Problem: {
            /**
             * Code
             * @description Stable and dotted.
             * @example pair.malformed
             */
            code: string;
            /**
             * Detail
             * @example The pair SHARPUSDT is not in the form BASE/QUOTE.
             */
            detail: string;
            /**
             * Errors
             * @description Every malformed part of the body.
             * @default null
             */
            errors: components["schemas"]["ProblemError"][] | null;
            /**
             * Field
             * @description The input to blame.
             * @default null
             * @example pair
             */
            field: string | null;
            /**
             * @description What forbids it, where a finding does.
             * @default null
             */
            finding: components["schemas"]["FindingOut"] | null;
            /**
             * @description Of a key that was not saved because its check failed.
             * @default null
             */
            ladder: components["schemas"]["LadderOut"] | null;
            /**
             * Remedy
             * @default null
             * @example Write it like SHARP/USDT.
             */
            remedy: string | null;
            /**
             * Status
             * @example 400
             */
            status: number;
            /**
             * Title
             * @example Bad Request
             */
            title: string;
            /**
             * Type
             * @example about:blank
             */
            type: string;
        };
        /** ProblemError */
        ProblemError: {
            /**
             * Field
             * @example pair
             */
            field: string | null;
            /**
             * Message
             * @example Field required
             */
            message: string;
        };
        /**
         * ReasonBody
         * @example {
         *       "reason": "The exchange has confirmed the new rules."
         *     }
         */
        ReasonBody: {
            /**
             * Reason
             * @description Why; kept with who said it.
             */
            reason: string;
        };
        /** ReasonOut */
        ReasonOut: {
            /**
             * Code
             * @example balance.insufficient
             */
            code: string;
            /**
             * Text
             * @example Trading: bid and ask are in the book
             */
            text: string;
        };
        /** RecordedFindingOut */
        RecordedFindingOut: {
            /**
             * Count
             * @description How often it struck.
             */
            count: number;
            finding: components["schemas"]["FindingOut"];
            /**
             * First Seen
             * Format: date-time
             */
            first_seen: string;
            /** Id */
            id: string;
            /**
             * Last Seen
             * Format: date-time
             */
            last_seen: string;
            /**
             * Note
             * @description The operator's words, which the client sees.
             */
            note: string | null;
            /**
             * Resolved At
             * @description Null: it holds.
             */
            resolved_at: string | null;
            subject: components["schemas"]["SubjectOut"];
            /**
             * Unattended
             * @description What happens if nobody comes.
             */
            unattended: string;
            /**
             * Wakes
             * @description Whether it should wake somebody.
             */
            wakes: boolean;
        };
        /**
         * RemainingOut
         * @description Another cause that no call can tell from the diagnosis.
         */
        RemainingOut: {
            /**
             * Code
             * @example signature.refused
             */
            code: string;
            /**
             * Title
             * @description What it would be, in one line.
             */
            title: string;
        };
        /**
         * ResumeBody
         * @example {
         *       "reason": "The fee tier was wrong; it is corrected."
         *     }
         */
        ResumeBody: {
            /**
             * Reason
             * @description Why; kept with who said it.
             */
            reason: string;
        };
        /** SavedConnector */
        SavedConnector: {
            /**
             * Account
             * @example client_sharp
             */
            account: string;
            /** As Of */
            as_of: string | null;
            /** Base Url */
            base_url: string | null;
            /** @description Made before it was saved; null: nothing that needs one has changed. */
            check: components["schemas"]["LadderOut"] | null;
            /** Client Id */
            client_id: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** @description That its exchange is closing or closed; null: it is neither. */
            ends: components["schemas"]["FindingOut"] | null;
            /**
             * Exchange
             * @example coinstore
             */
            exchange: string;
            /**
             * Exchange Account
             * @description The exchange's own id of the account; null: not read yet.
             */
            exchange_account: string | null;
            finding: components["schemas"]["FindingOut"] | null;
            /** Has Proxy */
            has_proxy: boolean;
            /**
             * Host Label
             * @description Null: the exchange's own host.
             * @example sandbox
             */
            host_label: string | null;
            /**
             * Id
             * @example n4b8t2v6y0z3
             */
            id: string;
            /** Ipv4 Only */
            ipv4_only: boolean;
            /**
             * Key Label
             * @description What this key is called at the exchange.
             */
            key_label: string | null;
            /**
             * Key Last4
             * @description Last four characters of the API key; null: none stored.
             * @example x9k2
             */
            key_last4: string | null;
            /**
             * Key Last Success At
             * @description When the exchange last accepted it; null: never yet.
             */
            key_last_success_at: string | null;
            /** Key Set At */
            key_set_at: string | null;
            /**
             * Key Set By
             * @description Who entered it.
             */
            key_set_by: string | null;
            /** @description Whether people trade on this account by hand. */
            manual_trading: components["schemas"]["ManualTrading"];
            /**
             * Name
             * @example coinstore
             */
            name: string;
            /**
             * Status
             * @description Of the last read of its balances.
             * @enum {string}
             */
            status: "ok" | "stale" | "unknown";
            /**
             * Strangers
             * @description What was found there that is not ours, and holds new orders until a person answers for it.
             */
            strangers: components["schemas"]["FindingOut"][];
            /**
             * Timeout S
             * @description How long an answer is waited for; null: the platform's own.
             */
            timeout_s: number | null;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /** ScopeBody */
        ScopeBody: {
            /**
             * Id
             * @description Of a client or bot its id; of a market exchange and pair; of the platform empty.
             * @default
             * @example coinstore SHARP/USDT
             */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "platform" | "client" | "market" | "bot";
        };
        /** ScopeOut */
        ScopeOut: {
            /**
             * Id
             * @description Empty: the platform.
             */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "platform" | "client" | "market" | "bot";
            /**
             * Name
             * @description As people call it.
             * @example SHARP-VB-Coinstore
             */
            name: string;
        };
        /** SessionOut */
        SessionOut: {
            /**
             * Calls
             * @description The last calls, newest last.
             */
            calls: components["schemas"]["CallOut"][];
            /** Connector Id */
            connector_id: string;
            /** Exchange */
            exchange: string;
            /** Host Label */
            host_label: string | null;
            /**
             * Key
             * @description The connector's name in lower case.
             * @example coinstore
             */
            key: string;
            last_finding: components["schemas"]["FindingOut"] | null;
            last_read: components["schemas"]["LastRead"] | null;
        };
        /**
         * SetupBody
         * @description The first administrator, by the one-time link that the server printed.
         * @example {
         *       "email": "admin@example.com",
         *       "password": "correct horse battery",
         *       "token": "4k2v..."
         *     }
         */
        SetupBody: {
            /** Email */
            email: string;
            /** Password */
            password: string;
            /**
             * Token
             * @description What follows `#token=` in the link.
             */
            token: string;
        };
        /** SidesOut */
        SidesOut: {
            /**
             * Buys
             * @example 11
             */
            buys: number | null;
            /**
             * Sells
             * @example 9
             */
            sells: number | null;
        };
        /** SignedIn */
        SignedIn: {
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /**
             * Token
             * @description The session: the cookie `tb_session` holds the same; also valid as Bearer.
             */
            token: string;
        };
        /** SignedOut */
        SignedOut: {
            /**
             * Signed Out
             * @example true
             */
            signed_out: boolean;
        };
        /**
         * StateOut
         * @description What really happens, and why.
         */
        StateOut: {
            /**
             * Code
             * @enum {string}
             */
            code: "stopped" | "starting" | "trading" | "waiting" | "blocked" | "stopping" | "down" | "halted" | "held" | "killed";
            finding: components["schemas"]["FindingOut"] | null;
            /**
             * Reason
             * @description Stable and dotted.
             * @example quoting
             */
            reason: string;
            /**
             * Since
             * Format: date-time
             */
            since: string;
            /**
             * Text
             * @example Quoting both sides
             */
            text: string;
            /**
             * Until
             * @description When it goes on by itself, where that is known.
             */
            until: string | null;
        };
        /** Stats */
        Stats: {
            /** As Of */
            as_of: string | null;
            /**
             * Available
             * @example {
             *       "SHARP": "125000.5",
             *       "USDT": "812.4"
             *     }
             */
            available: {
                [key: string]: string;
            } | null;
            /** Bot Id */
            bot_id: string;
            finding: components["schemas"]["FindingOut"] | null;
            /**
             * Locked
             * @example {
             *       "SHARP": "125000.5",
             *       "USDT": "812.4"
             *     }
             */
            locked: {
                [key: string]: string;
            } | null;
            /**
             * Pair
             * @example SHARP/USDT
             */
            pair: string;
            /**
             * Recent Trades
             * @description Newest first, at most 10.
             */
            recent_trades: components["schemas"]["TradeOut"][];
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "stale" | "unknown";
            trades_24h: components["schemas"]["SidesOut"];
            /**
             * Volume 24H
             * @description In quote; null: unknown.
             */
            volume_24h: string | null;
        };
        /**
         * StepOut
         * @description One probe. None of them can trade.
         */
        StepOut: {
            /**
             * Detail
             * @description What was seen, or why it was skipped.
             */
            detail: string;
            evidence: components["schemas"]["EvidenceOut"] | null;
            finding: components["schemas"]["FindingOut"] | null;
            /**
             * Label
             * @example Read permission
             */
            label: string;
            /**
             * Outcome
             * @enum {string}
             */
            outcome: "pass" | "fail" | "skipped";
            /**
             * Rung
             * @enum {string}
             */
            rung: "credentials" | "resolve" | "connect" | "tls" | "public" | "clock" | "egress" | "signed_read" | "read_permission" | "trade_permission" | "withdraw_permission" | "market" | "balance";
            /**
             * Took Ms
             * @description Milliseconds.
             */
            took_ms: number;
        };
        /** StoredConnector */
        StoredConnector: {
            /**
             * Exchange
             * @example coinstore
             */
            exchange: string;
            /** Has Proxy */
            has_proxy: boolean;
            /** Id */
            id: string;
            /** Ipv4 Only */
            ipv4_only: boolean;
            /** Key Label */
            key_label: string | null;
            /** Key Last4 */
            key_last4: string | null;
            /** Key Last Success At */
            key_last_success_at: string | null;
            /** Key Set At */
            key_set_at: string | null;
            /** Key Set By */
            key_set_by: string | null;
            /**
             * Key State
             * @enum {string}
             */
            key_state: "present" | "missing" | "undecryptable";
            /**
             * Name
             * @example coinstore
             */
            name: string;
            /** Timeout S */
            timeout_s: number | null;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /**
         * SubjectOut
         * @description What a finding concerns.
         */
        SubjectOut: {
            /**
             * Client Id
             * @description Null: it is of no single client.
             */
            client_id: string | null;
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "platform" | "exchange" | "connector" | "market" | "bot";
            /**
             * Name
             * @description As people call it.
             * @example SHARP-VB-Coinstore
             */
            name: string;
        };
        /** TradeList */
        TradeList: {
            /**
             * Next
             * @description Pass it as `cursor` for the next page; null: this is the last one.
             */
            next: string | null;
            /**
             * Trades
             * @description Newest first.
             */
            trades: components["schemas"]["TradeOut"][];
        };
        /** TradeOut */
        TradeOut: {
            /**
             * Amount
             * @example 125000.5
             */
            amount: string;
            /**
             * Cost
             * @description In quote.
             * @example 125000.5
             */
            cost: string;
            /**
             * Fee
             * @description Null: the exchange did not say; negative: a rebate.
             */
            fee: string | null;
            /** Fee Currency */
            fee_currency: string | null;
            /**
             * Id
             * @description The exchange's own id.
             * @example 9007199254740993
             */
            id: string;
            /**
             * Price
             * @example 125000.5
             */
            price: string;
            /**
             * Role
             * @description maker or taker; null: the exchange did not say.
             * @example maker
             */
            role: string | null;
            /**
             * Side
             * @example buy
             */
            side: string;
            /**
             * Time
             * Format: date-time
             */
            time: string;
        };
        /** TransferList */
        TransferList: {
            /**
             * Next
             * @description Pass it as `cursor` for the next page; null: this is the last one.
             */
            next: string | null;
            /** Transfers */
            transfers: components["schemas"]["TransferOut"][];
        };
        /** TransferOut */
        TransferOut: {
            /**
             * Amount
             * @description Above zero: it came; below: it left.
             * @example 125000.5
             */
            amount: string;
            /**
             * At
             * Format: date-time
             * @description The exchange's time, else when it was seen.
             */
            at: string;
            /**
             * Connector
             * @description Name of the connector through which it was seen.
             * @example coinstore
             */
            connector: string;
            /** Connector Id */
            connector_id: string;
            /**
             * Currency
             * @example USDT
             */
            currency: string;
            /**
             * Exchange
             * @example coinstore
             */
            exchange: string;
            /**
             * Exchange Id
             * @description The exchange's id of its record; null: it was observed.
             */
            exchange_id: string | null;
            /**
             * Id
             * @example t4k9w2m7q1x8
             */
            id: string;
            /**
             * Label
             * @description Null: nobody has said yet what it was.
             */
            label: ("deposit" | "withdrawal" | "internal" | "interest" | "airdrop" | "fee" | "manual_trade" | "other") | null;
            /** Labelled At */
            labelled_at: string | null;
            /**
             * Labelled By
             * @description Null: the exchange's record labels it, or nobody has.
             */
            labelled_by: string | null;
            /** Note */
            note: string | null;
            /**
             * Source
             * @description A record of the exchange; a movement of the balance that nothing explains; or one that takes back what a recorded fill had moved.
             * @enum {string}
             */
            source: "exchange" | "observed" | "contradiction";
        };
        /**
         * VolumeOut
         * @description What the bot traded, in quote; with status unknown there is no figure, never a 0 in its place.
         */
        VolumeOut: {
            /** As Of */
            as_of: string | null;
            /**
             * Buys
             * @example 20
             */
            buys: number | null;
            /**
             * Currency
             * @example USDT
             */
            currency: string;
            finding: components["schemas"]["FindingOut"] | null;
            /** Last 24H */
            last_24h: string | null;
            /** Maker */
            maker: string | null;
            /**
             * Sells
             * @example 22
             */
            sells: number | null;
            /**
             * Since
             * Format: date-time
             * @description From when on every own trade is known.
             */
            since: string;
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "stale" | "unknown";
            /** Taker */
            taker: string | null;
            /**
             * Today
             * @description Since 00:00 UTC.
             */
            today: string | null;
            /**
             * Total
             * @description Since the bot was made, as are the counts.
             */
            total: string | null;
            /**
             * Trades
             * @example 42
             */
            trades: number | null;
        };
        /** WaitingOut */
        WaitingOut: {
            /** Connector Id */
            connector_id: string;
            finding: components["schemas"]["FindingOut"];
            /**
             * Name
             * @description As people call it.
             * @example coinstore of client_sharp
             */
            name: string;
        };
        /**
         * WantedOut
         * @description An order that should stand.
         */
        WantedOut: {
            /**
             * Amount
             * @example 125000.5
             */
            amount: string;
            /**
             * Price
             * @example 125000.5
             */
            price: string;
            /**
             * Side
             * @enum {string}
             */
            side: "buy" | "sell";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_bot_types: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BotTypeList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_bots: {
        parameters: {
            query?: {
                /** @description Of this client only, in any letter case. */
                account?: string;
                /** @description `next` of the page before. */
                cursor?: string;
                /** @description `balance`: each row carries `balance_and_volume`. */
                include?: "balance";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BotList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_bot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BotBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BotOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_bot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BotOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_bot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BotChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BotOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_bot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    balance_and_volume: {
        parameters: {
            query?: {
                refresh?: boolean;
            };
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BalanceAndVolume"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    balance_debug: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BalanceDebug"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    chart: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Chart"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_decisions: {
        parameters: {
            query?: {
                cursor?: string | null;
            };
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decisions"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_bot_findings: {
        parameters: {
            query?: {
                cursor?: string | null;
            };
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FindingList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_orders: {
        parameters: {
            query?: {
                cursor?: string | null;
            };
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resume_bot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResumeBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BotOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    start_bot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BotOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stats: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stop_bot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BotOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_trades: {
        parameters: {
            query?: {
                cursor?: string | null;
            };
            header?: never;
            path: {
                bot_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TradeList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_clients: {
        parameters: {
            query?: {
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_client: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClientBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_client: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                client_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_client: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                client_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClientChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_client: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                client_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_connectors: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                client_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectorList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_connector: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                client_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConnectorBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedConnector"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_connector: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                client_id: string;
                connector_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConnectorChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedConnector"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_connector: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                client_id: string;
                connector_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    connector_balances: {
        parameters: {
            query?: {
                refresh?: boolean;
            };
            header?: never;
            path: {
                client_id: string;
                connector_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectorBalances"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    check_connector: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                client_id: string;
                connector_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectorCheck"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    events: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events: `event: bot`, `client`, `connector` or `finding`, `data: {"id": ...}`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_exchanges: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExchangeList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_markets: {
        parameters: {
            query?: {
                /** @description Part of the pair, in any spelling; empty: all. */
                search?: string;
                limit?: number;
            };
            header?: never;
            path: {
                exchange_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MarketList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_findings: {
        parameters: {
            query?: {
                state?: "open" | "resolved";
                client_id?: string | null;
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FindingList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    finding_evidence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                finding_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EvidenceText"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    note_finding: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                finding_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NoteBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedFindingOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health_detail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthDetail"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_holds: {
        parameters: {
            query?: {
                active?: boolean | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    place_hold: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HoldBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    lift_hold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hold_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_kills: {
        parameters: {
            query?: {
                active?: boolean | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KillList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    press_kill: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KillBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KillOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rearm_kill: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kill_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReasonBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KillOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_limits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kind: "platform" | "client" | "bot";
                scope_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitsOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_limits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kind: "platform" | "client" | "bot";
                scope_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LimitsBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitsOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_transfers: {
        parameters: {
            query?: {
                /** @description Id of a connector: of the account that it opens. */
                connector?: string | null;
                /** @description Only those that nobody has labelled yet. */
                unlabelled?: boolean;
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransferList"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    label_transfer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                transfer_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LabelBody"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransferOut"];
                };
            };
            /** @description A problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
