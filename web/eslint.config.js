import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

/** Imports point down: routes > features > components > api > lib. A feature's own files are imported as `./x`. */
const up = ["../**"];
const layers = [
  { files: ["src/features/**"], forbidden: ["@/app", "@/routes/**", "@/features/**"], why: "a feature imports neither routes nor features" },
  { files: ["src/components/**"], forbidden: ["@/app", "@/routes/**", "@/features/**"], why: "shared code imports no feature" },
  { files: ["src/api/**"], forbidden: ["@/app", "@/routes/**", "@/features/**", "@/components/**"], why: "api stands below components" },
  { files: ["src/lib/**"], forbidden: ["@/app", "@/routes/**", "@/features/**", "@/components/**", "@/api/**"], why: "lib is plain functions" },
];

export default tseslint.config(
  { ignores: ["node_modules", "src/api/schema.gen.ts"] },
  js.configs.recommended,
  { files: ["**/*.{js,mjs}"], languageOptions: { globals: globals.node } },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat["recommended-latest"],
      jsxA11y.flatConfigs.strict,
    ],
    languageOptions: { globals: globals.browser, parserOptions: { project: "./tsconfig.json" } },
    rules: {
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
      "no-restricted-imports": ["error", { patterns: [{ group: up, message: "Write it from the root: @/..." }] }],
      // `"0" ? a : b` and `amount || ""` are how zero and unknown become one blank
      "@typescript-eslint/strict-boolean-expressions": [
        "error",
        { allowString: false, allowNumber: false, allowNullableObject: true, allowNullableBoolean: false },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-restricted-globals": [
        "error",
        { name: "parseFloat", message: "Amounts stay decimal strings; see lib/decimal.ts." },
      ],
    },
  },
  ...layers.map(({ files, forbidden, why }) => ({
    files,
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: up, message: "Write it from the root: @/..." }, { group: forbidden, message: `Imports point down: ${why}.` }] },
      ],
    },
  })),
);
