package mde_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// The roll call begins with the first who speaks or waits, and only once.
func TestAwaitClaims(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{}, func(t *testing.T, _ *mdesim.Server, client *mde.Client) {
		began := time.Now()
		if _, err := client.MachineActions.Claim("a"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
		var late bool
		go func() {
			time.Sleep(100 * time.Millisecond)
			_, err := client.MachineActions.Claim("b")
			late = err == nil
		}()
		client.MachineActions.AwaitClaims(t.Context())
		synctest.Wait()
		client.MachineActions.AwaitClaims(t.Context())
		if waited := time.Since(began); waited != 500*time.Millisecond || !late {
			t.Errorf("waited for %s, the late claim was made: %t", waited, late)
		}
	})
}
