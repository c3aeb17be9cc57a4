// Package resolver lets k6 ask the name server that BLACKSTART_RESOLVER names, as host:port.
//
// k6 has no option for it: it asks whom Go's own resolver asks. Linking this package in is enough, a script need not
// import it. Without the variable nothing is changed.
package resolver

import (
	"context"
	"net"
	"os"

	"go.k6.io/k6/v2/js/modules"
)

// Variable is the name of what says where to ask. K6_DNS is taken: by that name k6 knows how long it keeps answers.
const Variable = "BLACKSTART_RESOLVER"

func init() {
	if address := os.Getenv(Variable); address != "" {
		use(net.DefaultResolver, address)
	}
	// Registered so that "k6 version" tells of it: by that a runner knows that this k6 can be told whom to ask.
	modules.Register("k6/x/blackstart-resolver", module{})
}

// use makes a resolver ask at the address, over UDP or, where an answer was cut short, over TCP.
func use(resolver *net.Resolver, address string) {
	resolver.PreferGo = true
	resolver.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, network, address)
	}
}

type module struct{}

// NewModuleInstance gives scripts that import it the address that is asked, or nothing.
func (module) NewModuleInstance(modules.VU) modules.Instance { return instance{} }

type instance struct{}

func (instance) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{"address": os.Getenv(Variable)}}
}
