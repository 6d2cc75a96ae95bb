// Package smoke uses the module as others would: it is run as it is, and not measured.
package smoke

import (
	"strings"
	"testing"
	"time"

	"example.com/greeter/greet"
)

func TestGreeting(t *testing.T) {
	got, err := greet.Hello("en", "Grace", time.Now())
	if err != nil || !strings.HasSuffix(got, ", Grace") {
		t.Errorf("Hello = %q, %v", got, err)
	}
}
