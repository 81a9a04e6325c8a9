package mdesim

import (
	"crypto/rand"
	"fmt"
	"sync"
	"time"
)

// otherOwner is who made the records that a test seeds.
const otherOwner = "analyst@contoso.onmicrosoft.com"

// tenant is the state and its rules behind one lock. Readers get copies.
type tenant struct {
	options Options
	clock   *clock

	mu sync.Mutex
	state
	// keys finds an indicator by what the service keys it by.
	keys map[indicatorKey]string
	// late are the library files whose upload the list may not show yet.
	late map[string]lateFile
	// ghosts are the deleted indicators that the list may show still.
	ghosts []ghost
	// nextExpiry is a lower bound of the first expiry; zero means none.
	nextExpiry time.Time
}

// state is everything that a restart keeps.
type state struct {
	LastIndicator  int                          `json:"lastIndicator"`
	Indicators     map[string]*Indicator        `json:"indicators"`
	FailItems      map[string]bool              `json:"failItems"`
	Library        map[string]*LibraryFile      `json:"library"`
	Machines       map[string]*Machine          `json:"machines"`
	Offline        map[string]bool              `json:"offline"`
	PortalSessions map[string]int               `json:"portalSessions"`
	Scripts        map[string]ScriptResult      `json:"scripts"`
	DeviceFiles    map[string]map[string][]byte `json:"deviceFiles"`
	// Runs are all machine actions in order of creation.
	Runs     []*run      `json:"runs"`
	Executed []Execution `json:"executed"`
}

func newTenant(options Options, clock *clock) *tenant {
	t := &tenant{options: options, clock: clock}
	t.clear()
	return t
}

// reset brings the tenant back to its one machine and nothing else.
func (t *tenant) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
}

func newState() state {
	return state{
		Indicators:     map[string]*Indicator{},
		FailItems:      map[string]bool{},
		Library:        map[string]*LibraryFile{},
		Machines:       map[string]*Machine{},
		Offline:        map[string]bool{},
		PortalSessions: map[string]int{},
		Scripts:        map[string]ScriptResult{},
		DeviceFiles:    map[string]map[string][]byte{},
	}
}

func (t *tenant) clear() {
	t.state = newState()
	t.keys = map[indicatorKey]string{}
	t.late = map[string]lateFile{}
	t.ghosts = nil
	t.nextExpiry = time.Time{}
	t.addMachine(Machine{ID: DefaultMachineID}, t.clock.now())
}

// enter locks the tenant and lets everything happen that is due by now. The
// caller defers leave.
func (t *tenant) enter() (now time.Time, leave func()) {
	t.mu.Lock()
	now = t.clock.now()
	t.expire(now)
	for _, run := range t.Runs {
		t.proceed(run, now)
	}
	return now, t.mu.Unlock
}

// newGUID is a random id in the form of the service.
func newGUID() string {
	var id [16]byte
	_, _ = rand.Read(id[:])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
