// Package catalog holds the greetings of each language. It has no tests of its own.
package catalog

import (
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed words/*.json
var words embed.FS

// Load gives a language's greetings by the part of the day.
func Load(language string) (map[string]string, error) {
	text, err := words.ReadFile("words/" + language + ".json")
	if err != nil {
		return nil, fmt.Errorf("no greetings in %q: %w", language, err)
	}
	greetings := map[string]string{}
	return greetings, json.Unmarshal(text, &greetings)
}
