package main

import (
	"fmt"
	"math"
	"slices"
)

// Figure is one measured number, as build/report.json has it.
type Figure struct {
	Name      string  `json:"name"`
	Value     float64 `json:"value"`
	Unit      string  `json:"unit"`
	Goal      string  `json:"goal"`      // like "≤ 60"; empty: none
	Yardstick string  `json:"yardstick"` // what was measured beside it in the same run; empty: nothing

	met verdict
}

// verdict is whether a figure reaches its goal.
type verdict int

const (
	noGoal verdict = iota
	reached
	missed
)

func (v verdict) String() string { return [...]string{"", "reached", "**missed**"}[v] }

// figure is a number without a goal.
func figure(name string, value float64, unit string) Figure {
	return Figure{Name: name, Value: rounded(value), Unit: unit}
}

// atMost gives the figure a goal that it must not exceed.
func (f Figure) atMost(limit float64) Figure { return f.judge("≤", limit, f.Value <= limit) }

// atLeast gives the figure a goal that it must not fall short of.
func (f Figure) atLeast(limit float64) Figure { return f.judge("≥", limit, f.Value >= limit) }

func (f Figure) judge(sign string, limit float64, ok bool) Figure {
	f.Goal, f.met = fmt.Sprintf("%s %v", sign, limit), missed
	if ok {
		f.met = reached
	}
	return f
}

// beside says what stands beside the figure.
func (f Figure) beside(format string, args ...any) Figure {
	f.Yardstick = fmt.Sprintf(format, args...)
	return f
}

func (f Figure) String() string {
	s := fmt.Sprintf("%s = %v %s", f.Name, f.Value, f.Unit)
	if f.Goal != "" {
		s += fmt.Sprintf(" (goal %s: %s)", f.Goal, f.met)
	}
	if f.Yardstick != "" {
		s += "; beside: " + f.Yardstick
	}
	return s
}

// rounded keeps three significant digits, and all of those before the point.
func rounded(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	scale := math.Pow(10, max(2-math.Floor(math.Log10(math.Abs(v))), 0))
	return math.Round(v*scale) / scale
}

// median of some numbers; 0 of none.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}
