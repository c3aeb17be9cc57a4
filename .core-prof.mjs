// usage: node core-prof.mjs kind secs
import { fork } from 'node:child_process'; import { once } from 'node:events'; import { mkdtempSync, rmSync, readFileSync, readdirSync } from 'node:fs';
import { assign } from '/tmp/bs/wt-core/bench/agent/own.ts'; import { kinds } from '/tmp/bs/wt-core/bench/agent/kinds.ts';
const [,, name, secs='10', prof='1'] = process.argv; const kind = kinds.find(k=>k.name===name);
const node = process.execPath;
const t = fork('/tmp/bs/wt-core/bench/agent/targets.ts',[name,'1000'],{execPath:'taskset',execArgv:['-c','1',node]});
const [s] = await once(t,'message');
const dir = mkdtempSync('/tmp/core-prof-');
assign(dir,{kind,port:s.port,ca:s.ca,count:1000});
const flags=(process.env.FLAGS??'').split(' ').filter(Boolean);
const pd='/tmp/core-prof-out'; rmSync(pd,{recursive:true,force:true});
const c = fork(process.env.MEASURED ?? '/tmp/bs/wt-core/bench/agent/measured.ts',[],{execPath:'taskset',execArgv:['-c','0',node,...flags,...(prof==='1'?['--cpu-prof','--cpu-prof-dir='+pd,'--cpu-prof-interval=200']:[])]});
c.send({stateDir:dir,ca:s.ca||null}); await once(c,'message');
const st=()=>{const x=readFileSync(`/proc/${c.pid}/stat`,'utf8');const f=x.slice(x.lastIndexOf(')')+2).split(' ');const y=readFileSync(`/proc/${c.pid}/status`,'utf8');return {u:+f[11]*10,s:+f[12]*10,rss:+/VmRSS:\s+(\d+)/.exec(y)[1]/1024,vs:+/\nvoluntary_ctxt_switches:\s+(\d+)/.exec(y)[1],ns:+/nonvoluntary_ctxt_switches:\s+(\d+)/.exec(y)[1]}};
await new Promise(r=>setTimeout(r,5000)); const a=st(); t.send('forget'); await new Promise(r=>setTimeout(r,secs*1000)); const b=st(); t.send('tell'); const [arr]=await once(t,'message');
const dev=Object.values(arr).flatMap(v=>v.slice(1).map((x,i)=>Math.abs(x-v[i]-1000))).sort((x,y)=>x-y); const q=p=>dev[Math.min(dev.length-1,Math.floor(p*dev.length))]?.toFixed(2);
const n=Object.values(arr).reduce((x,v)=>x+v.length,0);
console.log(name,process.env.FLAGS??'','n',n,'cpu/1000',((b.u+b.s-a.u-a.s)/n*1000).toFixed(1),'user',((b.u-a.u)/n*1000).toFixed(1),'sys',((b.s-a.s)/n*1000).toFixed(1),'rss',b.rss.toFixed(0),'vol/s',((b.vs-a.vs)/secs).toFixed(0),'invol/s',((b.ns-a.ns)/secs).toFixed(0),'dev',q(.5),q(.99),q(1));
c.send('stop'); await once(c,'exit'); t.disconnect(); rmSync(dir,{recursive:true,force:true});
if(prof==='1'){ const f=readdirSync(pd)[0]; const p=JSON.parse(readFileSync(pd+'/'+f)); const self=new Map(); const dt=p.timeDeltas; let tot=0; const byId=new Map(p.nodes.map(n=>[n.id,n])); const selfT=new Map();
 p.samples.forEach((id,i)=>{selfT.set(id,(selfT.get(id)??0)+dt[i]);tot+=dt[i]});
 for(const [id,v] of selfT){const n=byId.get(id).callFrame; const k=`${n.functionName||'(anon)'} ${n.url.split('/').slice(-2).join('/')}:${n.lineNumber+1}`; self.set(k,(self.get(k)??0)+v);} 
 const idle=self.get('(idle) :0')??0; const prog=self.get('(program) :0')??0; console.log('busy',((tot-idle)/tot*100).toFixed(1)+'%'); for(const [k,v] of [...self].sort((a,b)=>b[1]-a[1]).slice(0,60)) console.log((v/(tot-idle)*100).toFixed(1).padStart(6),k);
}
