# Figure loss-excess, drawn by the workbench; `gnuplot loss-excess.gp` draws it again.
# pictures: svg
# seal: 9e684e85066980f0
reset
set encoding utf8
set border 3 linewidth 1.2 linecolor rgb '#404040'
set tics nomirror out scale 0.6 textcolor rgb '#404040'
set minussign
set grid linetype 1 linecolor rgb '#E4E4E4' linewidth 1 dashtype solid
set style textbox opaque noborder fillcolor rgb '#FFFFFF' margins 0.4, 0.4
set tmargin at screen 0.83
set rmargin 3
set label 1 'How the loss approaches the least possible one' at screen 0.025, 0.945 left font ',21'
set label 2 'loss after each step minus the loss of the exact least-squares solution' at screen 0.025, 0.88 left font ',15' textcolor rgb '#505050'
set bmargin 6.1
set xlabel 'step' offset 0, 0.3
set format x '%h'
set xrange [0:800]
set ylabel 'excess loss'
set logscale y 10
set format y '10^{%L}'
set key at screen 0.5, screen 0.025 bottom center horizontal Left reverse samplen 3 spacing 1.25 maxcols 3 font ',15'

set terminal svg enhanced size 960,600 dynamic background rgb 'white' font 'Sans,17' fontscale 1.3333
set output 'loss-excess.svg'
mark = 0.456
set style line 1 linecolor rgb '#0072B2' linewidth 6.76 dashtype solid pointtype 7 pointsize 2.14*mark
set style line 2 linecolor rgb '#D55E00' linewidth 5.59 dashtype (14,5) pointtype 5 pointsize 1.96*mark
set style line 3 linecolor rgb '#009E73' linewidth 4.42 dashtype (4,4) pointtype 9 pointsize 1.78*mark
set style line 4 linecolor rgb '#CC79A7' linewidth 3.25 dashtype (14,4,3,4) pointtype 15 pointsize 1.6*mark
set style line 5 linecolor rgb '#E69F00' linewidth 2.08 dashtype (22,5) pointtype 11 pointsize 1.42*mark
plot \
  'loss-excess.dat' index 0 with lines linestyle 1 notitle, \
  'loss-excess.dat' index 0 using 1:3 with points linestyle 1 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 1 title 'hand-gradients', \
  'loss-excess.dat' index 1 with lines linestyle 2 notitle, \
  'loss-excess.dat' index 1 using 1:3 with points linestyle 2 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 2 title 'tensor-autograd', \
  'loss-excess.dat' index 2 with lines linestyle 3 notitle, \
  'loss-excess.dat' index 2 using 1:3 with points linestyle 3 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 3 title 'nn-optim', \
  'loss-excess.dat' index 3 with lines linestyle 4 notitle, \
  'loss-excess.dat' index 3 using 1:3 with points linestyle 4 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 4 title 'static-graph', \
  'loss-excess.dat' index 4 with lines linestyle 5 notitle, \
  'loss-excess.dat' index 4 using 1:3 with points linestyle 5 linewidth 1.6 notitle, \
  keyentry with linespoints linestyle 5 title 'compiled-autodiff'

unset output
