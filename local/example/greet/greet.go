// Package greet words a greeting for the hour.
package greet

import (
	"fmt"
	"time"

	"example.com/greeter/internal/catalog"
	"example.com/greeter/internal/clock"
)

// Hello greets name in the language, as fits the time.
func Hello(language, name string, now time.Time) (string, error) {
	words, err := catalog.Load(language)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, %s", words[clock.PartOfDay(now)], name), nil
}
