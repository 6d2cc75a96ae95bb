package clock_test

import (
	"testing"
	"time"

	"example.com/greeter/internal/clock"
	"github.com/google/go-cmp/cmp"
)

func TestPartOfDay(t *testing.T) {
	got := map[int]string{}
	for _, hour := range []int{9, 10, 17, 18} {
		got[hour] = clock.PartOfDay(time.Date(2026, 1, 2, hour, 0, 0, 0, time.UTC))
	}
	want := map[int]string{9: "morning", 10: "day", 17: "day", 18: "evening"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("PartOfDay (-want +got):\n%s", diff)
	}
}
