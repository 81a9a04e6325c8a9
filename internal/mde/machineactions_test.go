package mde_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// start starts a run on a device that is off.
func start(t *testing.T, sim *mdesim.Server, client *mde.Client) mde.MachineAction {
	t.Helper()
	sim.SetOffline(mdesim.DefaultMachineID, true)
	action, err := client.LiveResponse.Run(t.Context(), mde.RunRequest{
		MachineID: mdesim.DefaultMachineID, Comment: "why",
		Commands: []mde.Command{{Type: mde.CommandGetFile, Params: []mde.CommandParam{{Key: mde.ParamPath, Value: `C:\x`}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return action
}

// The list that serves several at once may lack what is there.
func TestGetAction_thatTheListLacks(t *testing.T) {
	t.Parallel()
	tenant(t, mdesim.Options{VisibilityLag: time.Minute}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
		action := start(t, sim, client)
		ids := []string{action.ID, strings.ToUpper(action.ID), "5f3c1a52-7d1e-4b6f-9a0e-0c8f9b7d2e11"}
		each(len(ids), func(i int) {
			got, err := client.MachineActions.Get(t.Context(), ids[i])
			if i < 2 && (err != nil || got.ID != action.ID) || i == 2 && !errors.Is(err, mde.ErrNotFound) {
				t.Errorf("%s: %+v, %v", ids[i], got, err)
			}
		})
		if n := sim.Count(mdesim.OpListMachineActions); n != 1 {
			t.Errorf("%d lists were asked for", n)
		}
	})
}

func TestCancel_anAnswerThatIsLostIsSettledByReading(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault mdesim.Fault
		want  error
	}{
		"empty after the effect": {mdesim.Fault{Status: 200, Body: " ", AfterEffect: true}, nil},
		"always down":            {mdesim.Fault{Status: 500, Times: -1}, mde.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant(t, mdesim.Options{}, func(t *testing.T, sim *mdesim.Server, client *mde.Client) {
				action := start(t, sim, client)
				tt.fault.Op = mdesim.OpCancelMachineAction
				sim.AddFault(tt.fault)
				got, err := client.MachineActions.Cancel(t.Context(), action.ID, "why")
				if !errors.Is(err, tt.want) || tt.want == nil && got.Status != mde.StatusCancelled {
					t.Errorf("%+v, %v", got, err)
				}
			})
		})
	}
}
