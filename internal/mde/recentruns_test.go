package mde

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Concurrent looks share the list of the one that reaches the furthest back:
// the others get no more of it than they have asked for.
func TestFreshRuns_reach(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		at := func(age time.Duration) string { return time.Now().Add(-age).UTC().Format(time.RFC3339) }
		client, w := newTestClient(t, func(int, *http.Request) (*http.Response, error) {
			return reply(200, "application/json", `{"value":[
				{"id":"new","type":"LiveResponse","creationDateTimeUtc":"`+at(time.Minute)+`"},
				{"id":"old","type":"LiveResponse","creationDateTimeUtc":"`+at(72*time.Hour)+`"}]}`), nil
		})
		var wait sync.WaitGroup
		for within, want := range map[time.Duration]int{time.Hour: 1, 7 * 24 * time.Hour: 2} {
			wait.Go(func() {
				if runs, err := client.MachineActions.FreshRuns(t.Context(), within); err != nil || len(runs) != want || runs[0].ID != "new" {
					t.Errorf("%s: got %+v, %v", within, runs, err)
				}
			})
		}
		wait.Wait()
		if len(w.sent) != 1 {
			t.Errorf("%d calls were made: %q", len(w.sent), w.sent)
		}
	})
}
