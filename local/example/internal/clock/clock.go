// Package clock divides the day.
package clock

import "time"

// PartOfDay is morning before ten, evening from eighteen, else day.
func PartOfDay(now time.Time) string {
	switch hour := now.Hour(); {
	case hour < 10:
		return "morning"
	case hour >= 18:
		return "evening"
	default:
		return "day"
	}
}
