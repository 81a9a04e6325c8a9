package mde_test

import (
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func TestTakenOver(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, _ *mdesim.Server, client *mde.Client) {
		early, late := time.Now(), time.Now().Add(time.Hour)
		client.Indicators.Hold("1", early)
		client.Indicators.Hold("1", early) // The same resource, refreshed twice.
		client.Indicators.Hold("2", late)
		client.Indicators.Hold("2", early)
		client.Indicators.Hold("3", time.Time{})
		for _, tc := range []struct {
			id      string
			written time.Time
			want    bool
		}{{"1", early, false}, {"2", early, true}, {"2", late, false}, {"2", time.Time{}, false}, {"3", early, false}, {"", early, false}} {
			if got := client.Indicators.TakenOver(tc.id, tc.written); got != tc.want {
				t.Errorf("record %s of a resource that wrote at %v: taken over %t, want %t", tc.id, tc.written, got, tc.want)
			}
		}
	})
}
