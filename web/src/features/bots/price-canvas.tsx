import {
  ColorType,
  createChart,
  createSeriesMarkers,
  LineSeries,
  LineStyle,
  LineType,
  TickMarkType,
  type AutoscaleInfo,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type Time,
} from "lightweight-charts";
import { useEffect, useRef } from "react";

import type { Chart } from "@/api/types";
import { token, useShownTheme } from "@/lib/theme";

import { fillMarks, midPoints, precision } from "./chart-data";

interface Drawn {
  chart: IChartApi;
  series: ISeriesApi<"Line">;
  marks: ISeriesMarkersPluginApi<Time>;
  lines: IPriceLine[];
  /** Prices of own orders, so that the scale shows them. */
  own: number[];
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
/** From here on marks are drawn smaller. */
const CROWDED = 40;
const EXACT = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** Mid prices as a line, own live orders as price lines, own fills as marks. */
export default function PriceCanvas({ data, height }: { data: Chart; height: number }) {
  const frame = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const shownTheme = useShownTheme();

  useEffect(() => {
    if (frame.current === null) return;
    const made = draw(frame.current);
    drawn.current = made;
    return () => {
      drawn.current = null;
      made.chart.remove();
    };
  }, []);

  useEffect(() => {
    if (drawn.current !== null) paint(drawn.current, data);
  }, [data, shownTheme]);

  return <div ref={frame} style={{ height }} aria-hidden="true" />;
}

function draw(frame: HTMLElement): Drawn {
  const chart = createChart(frame, {
    autoSize: true,
    layout: { attributionLogo: false, fontSize: 11, fontFamily: getComputedStyle(frame).fontFamily },
    rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.14, bottom: 0.14 } },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      secondsVisible: true,
      minBarSpacing: 0.01,
      fixLeftEdge: true,
      lockVisibleTimeRangeOnResize: true,
      tickMarkFormatter: (time: Time, kind: TickMarkType) =>
        (kind === TickMarkType.TimeWithSeconds ? EXACT : CLOCK).format(new Date(Number(time) * 1000)),
    },
    localization: { timeFormatter: (time: Time) => EXACT.format(new Date(Number(time) * 1000)) },
    // the page scrolls, the chart stays
    handleScroll: false,
    handleScale: false,
  });
  const own: number[] = [];
  const series = chart.addSeries(LineSeries, {
    lineWidth: 1,
    lineType: LineType.Simple,
    priceLineVisible: false,
    crosshairMarkerRadius: 3,
    autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => withOwn(original(), own),
  });
  return { chart, series, marks: createSeriesMarkers(series, []), lines: [], own };
}

function withOwn(info: AutoscaleInfo | null, own: readonly number[]): AutoscaleInfo | null {
  if (info?.priceRange === null || info === null) return info;
  const { minValue, maxValue } = info.priceRange;
  return { ...info, priceRange: { minValue: Math.min(minValue, ...own), maxValue: Math.max(maxValue, ...own) } };
}

function paint(drawn: Drawn, data: Chart): void {
  const { chart, series, marks } = drawn;
  const digits = precision(data);
  chart.applyOptions({
    layout: { background: { type: ColorType.Solid, color: "transparent" }, textColor: token("ink-3") },
    grid: { vertLines: { visible: false }, horzLines: { color: token("rule") } },
    crosshair: {
      vertLine: { color: token("ink-3"), labelBackgroundColor: token("ink-2") },
      horzLine: { color: token("ink-3"), labelBackgroundColor: token("ink-2") },
    },
  });
  series.applyOptions({
    color: token("ink-2"),
    priceFormat: { type: "custom", minMove: 10 ** -digits, formatter: (price: number) => price.toFixed(digits) },
  });
  drawn.own.splice(0, drawn.own.length);
  for (const line of drawn.lines.splice(0)) series.removePriceLine(line);
  for (const order of data.orders) {
    if (order.price === null) continue;
    drawn.own.push(Number(order.price));
    drawn.lines.push(
      series.createPriceLine({
        price: Number(order.price),
        color: token(order.side),
        lineWidth: 1,
        lineStyle: LineStyle.Dashed,
        axisLabelVisible: true,
        title: order.side === "buy" ? "own bid" : "own ask",
      }),
    );
  }
  series.setData(
    midPoints(data.mids).map(({ beforeGap, ...point }) => (beforeGap === true ? { ...point, color: "transparent" } : point)),
  );
  const fills = fillMarks(data);
  const size = fills.length > CROWDED ? 0.4 : 0.8;
  marks.setMarkers(
    fills.map(({ time, side }) => ({
      time,
      position: side === "buy" ? "belowBar" : "aboveBar",
      shape: side === "buy" ? "arrowUp" : "arrowDown",
      color: token(side),
      size,
    })),
  );
  chart.timeScale().fitContent();
}
