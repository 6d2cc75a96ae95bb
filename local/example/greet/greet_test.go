package greet

import (
	"testing"
	"time"
)

func TestHello(t *testing.T) {
	morning := time.Date(2026, 1, 2, 8, 0, 0, 0, time.UTC)
	for language, want := range map[string]string{"en": "Good morning, Ada", "de": "Guten Morgen, Ada"} {
		got, err := Hello(language, "Ada", morning)
		if err != nil || got != want {
			t.Errorf("Hello(%q) = %q, %v, want %q", language, got, err, want)
		}
	}
	if _, err := Hello("xx", "Ada", morning); err == nil {
		t.Error("Hello of an unknown language gives no error")
	}
}
